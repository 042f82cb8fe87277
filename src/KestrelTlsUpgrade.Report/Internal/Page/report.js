(() => {
  const period = 5000;
  const state = document.getElementById('state');
  const pause = document.getElementById('pause');
  let isPaused = false;
  let isAsking = false;

  // What is said again is read out again.
  function say(text) {
    if (state.textContent !== text) state.textContent = text;
  }

  function takeOver(next) {
    const shown = document.getElementById('report');
    for (const open of shown.querySelectorAll('details[open]')) {
      next.querySelector('#' + CSS.escape(open.id))?.setAttribute('open', '');
    }
    const focused = document.activeElement;
    const place = focused?.closest('#report [id]')?.id;
    const isSummary = focused?.matches('summary');
    const scrolled = [...shown.querySelectorAll('.scroll')].map(part => [part.id, part.scrollLeft]);
    const [x, y] = [scrollX, scrollY];
    shown.replaceWith(document.adoptNode(next));
    for (const [id, left] of scrolled) {
      const part = document.getElementById(id);
      if (part) part.scrollLeft = left;
    }
    if (place) {
      const part = document.getElementById(place);
      (isSummary ? part?.querySelector('summary') : part)?.focus({ preventScroll: true });
    }
    scrollTo(x, y);
  }

  function isHeld() {
    return isPaused || document.hidden || !getSelection().isCollapsed;
  }

  async function ask() {
    try {
      const response = await fetch(location.href, {
        headers: { Accept: 'text/html' }, cache: 'no-store', signal: AbortSignal.timeout(4 * period)
      });
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const next = page.getElementById('report');
      return response.ok && next ? () => (takeOver(next), say('Live')) : () => say('No newer figures: reload the page');
    } catch {
      return () => say('The server does not answer; trying again');
    }
  }

  async function refresh() {
    if (isAsking || isHeld()) return;
    isAsking = true;
    const show = await ask();
    isAsking = false;
    if (!isHeld()) show();
  }

  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? 'Go on' : 'Pause';
    say(isPaused ? 'Paused' : 'Live');
    refresh();
  });
  say('Live');
  document.getElementById('live').hidden = false;
  document.addEventListener('visibilitychange', refresh);
  setInterval(refresh, period);
})();
