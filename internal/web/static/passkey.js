// Passkeys of staff: forms ask the server for a question, let the browser's passkey answer
// it, and send the answer like any form. No words stand here: they come from data
// attributes. Where there is no script or no passkey, staff sign in by mail.
'use strict';
(() => {
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer || [])))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const asked = {
    add: async (ask) => {
      const made = await navigator.credentials.create({ publicKey: {
        challenge: bytes(ask.challenge), rp: { id: ask.host, name: ask.site }, attestation: 'none',
        user: { id: bytes(ask.user), name: ask.name, displayName: ask.name },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -8 }, { type: 'public-key', alg: -257 }],
        excludeCredentials: (ask.known || []).map((id) => ({ type: 'public-key', id: bytes(id) })),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      } });
      const { response } = made;
      return { client: response.clientDataJSON, data: response.getAuthenticatorData(), key: response.getPublicKey() };
    },
    use: async (ask) => {
      const used = await navigator.credentials.get({ publicKey: {
        challenge: bytes(ask.challenge), rpId: ask.host, userVerification: 'required',
      } });
      const { response } = used;
      return {
        credential: used.rawId, client: response.clientDataJSON, data: response.authenticatorData,
        signature: response.signature, user: response.userHandle,
      };
    },
  };
  document.querySelectorAll('form[data-passkey]').forEach((form) => {
    const said = form.querySelector('[data-said]');
    form.hidden = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      said.textContent = '';
      try {
        const answer = await fetch(form.dataset.ask, { method: 'POST', body: new URLSearchParams() });
        if (!answer.ok) throw new Error();
        const found = await asked[form.dataset.passkey](await answer.json());
        for (const [name, value] of Object.entries(found)) form.elements.namedItem(name).value = text(value);
        form.submit();
      } catch {
        said.textContent = form.dataset.failed;
      }
    });
  });
})();
