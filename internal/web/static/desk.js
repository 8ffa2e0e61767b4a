// What staff pages gain from a script: a note is kept a second after typing stops. Every
// form has its button without it. No words stand here: they come from data attributes.
'use strict';
(() => {
  document.querySelectorAll('form[data-autosave]').forEach((form) => {
    const said = form.querySelector('[data-said]');
    const number = form.querySelector('[name=no]');
    let pause, saving = false, again = false, stopped = false;
    const save = async () => {
      if (stopped) return;
      if (saving) { again = true; return; }
      saving = true;
      try {
        const answer = await fetch(form.action, {
          method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' },
        });
        if (answer.ok) {
          number.value = (await answer.json()).no;
          said.textContent = form.dataset.saved;
        } else {
          // A colleague's note is newer, or the session is over: the button shows which.
          stopped = answer.status === 409;
          said.textContent = stopped ? form.dataset.newer : form.dataset.failed;
        }
      } catch {
        said.textContent = form.dataset.failed;
      }
      saving = false;
      if (again) { again = false; save(); }
    };
    form.addEventListener('input', () => {
      said.textContent = '';
      clearTimeout(pause);
      pause = setTimeout(save, 1000);
    });
    form.addEventListener('submit', () => clearTimeout(pause));
  });
})();
