// What pages gain from a script: a fresh number, copy and share buttons, and
// characters left while typing. Every page is complete without it. No words
// stand here: they come from the page's data attributes.
'use strict';
(() => {
  const each = (selector, deed) => document.querySelectorAll(selector).forEach(deed);
  const lang = document.documentElement.lang || undefined;

  // A page that comes back with problems starts at their list.
  const problems = document.querySelector('.govuk-error-summary');
  if (problems) problems.focus();

  // The number: asked for again every half minute while the page is looked at.
  // It is no live region, so that nobody is read numbers while reading.
  each('[data-count-url]', (box) => {
    const number = box.querySelector('[data-count]');
    const asOf = box.querySelector('[data-as-of]');
    const bar = box.querySelector('[data-bar]');
    const refresh = async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(box.dataset.countUrl, { credentials: 'omit' });
        if (!answer.ok) return;
        const news = await answer.json();
        const count = Number(news.signature_count);
        if (!Number.isSafeInteger(count) || count < 0) return;
        number.textContent = count.toLocaleString(lang);
        if (bar && Number(bar.dataset.bar) > 0) {
          bar.setAttribute('width', Math.min(100, (100 * count) / Number(bar.dataset.bar)));
        }
        const own = news.undersigned && news.undersigned.number;
        const when = new Date((own && own.as_of) || NaN);
        if (asOf && !isNaN(when)) {
          const at = { timeZone: asOf.dataset.zone };
          asOf.textContent = asOf.dataset.asOf
            .replace('{time}', when.toLocaleTimeString(lang, { ...at, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }))
            .replace('{date}', when.toLocaleDateString(lang, { ...at, day: 'numeric', month: 'long', year: 'numeric' }));
          asOf.dateTime = when.toISOString();
        }
      } catch {
        // The old number stands, with its old time.
      }
    };
    setInterval(refresh, 30000);
    document.addEventListener('visibilitychange', refresh);
  });

  // Copy and share: the buttons are hidden until it is known that they work.
  const say = (button, words) => {
    const said = button.closest('[data-share]').querySelector('[data-said]');
    if (said) said.textContent = words;
  };
  each('[data-copy]', (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        say(button, button.dataset.done);
      } catch {
        say(button, button.dataset.failed);
      }
    });
  });
  each('[data-share-url]', (button) => {
    if (!navigator.share) return;
    button.hidden = false;
    button.addEventListener('click', () => {
      navigator.share({ title: button.dataset.shareTitle, url: button.dataset.shareUrl }).catch(() => {});
    });
  });
  each('[data-print]', (button) => {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  });

  // Characters left: seen at once, and read out only after a pause in typing.
  each('[data-most]', (field) => {
    const left = document.getElementById(field.id + '-left');
    if (!left) return;
    const spoken = document.createElement('span');
    spoken.className = 'govuk-visually-hidden';
    spoken.setAttribute('aria-live', 'polite');
    left.after(spoken);
    left.setAttribute('aria-hidden', 'true');
    let pause;
    const count = () => {
      const over = [...field.value].length - Number(field.dataset.most);
      const words = over > 0 ? left.dataset.over : left.dataset.left;
      left.textContent = words.replace('{n}', Math.abs(over).toLocaleString(lang));
      left.classList.toggle('u-left--over', over > 0);
      clearTimeout(pause);
      pause = setTimeout(() => { spoken.textContent = left.textContent; }, 1500);
    };
    field.addEventListener('input', count);
    count();
    clearTimeout(pause);
  });

  // What is for browsers without scripts.
  each('[data-noscript]', (words) => { words.hidden = true; });

  // Work: where many forms come from one place, a browser may show that it is worth it. It
  // is asked for when somebody begins to fill a form in, and done beside the page.
  each('form[data-puzzle]', (form) => {
    if (!window.Worker || !window.crypto || !crypto.subtle) return;
    form.addEventListener('focusin', async () => {
      try {
        const answer = await fetch(form.dataset.puzzle, { credentials: 'omit' });
        const puzzle = answer.ok ? await answer.json() : {};
        if (!puzzle.challenge) return;
        const worker = new Worker(form.dataset.worker);
        worker.addEventListener('message', ({ data }) => {
          form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'altcha', value: data }));
          worker.terminate();
        });
        worker.postMessage(puzzle);
      } catch {
        // The form goes out without.
      }
    }, { once: true });
  });
})();
