// Solves a puzzle of ALTCHA, version 1, beside the page: tries numbers until one, behind the
// salt, hashes to the challenge, and sends the solution as ALTCHA's widget would write it.
'use strict';
onmessage = async ({ data }) => {
  const { algorithm, challenge, maxnumber, salt, signature } = data;
  const encoder = new TextEncoder();
  const begun = Date.now();
  for (let number = 0; number <= maxnumber; number++) {
    const sum = new Uint8Array(await crypto.subtle.digest(algorithm, encoder.encode(salt + number)));
    if (sum[0] !== parseInt(challenge.slice(0, 2), 16)) continue;
    if (Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('') !== challenge) continue;
    postMessage(btoa(JSON.stringify({ algorithm, challenge, number, salt, signature, took: Date.now() - begun })));
    return;
  }
  postMessage('');
};
