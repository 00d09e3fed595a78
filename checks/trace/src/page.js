(() => {
  const last = Number(document.body.dataset.last);
  const slider = document.getElementById('slider');
  const button = document.getElementById('play');
  const where = document.getElementById('where');
  const marked = document.querySelectorAll('[data-step]');
  let timer = 0;

  const show = (step) => {
    const at = Math.max(0, Math.min(last, step));
    slider.value = at;
    where.textContent = `step ${at} of ${last}`;
    for (const element of marked) {
      const its = Number(element.dataset.step);
      element.classList.toggle('now', its === at);
      element.classList.toggle('later', its > at);
    }
    document.body.dataset.step = at;
  };
  const go = (step) => {
    show(step);
    history.replaceState(null, '', `#${slider.value}`);
  };
  const stop = () => {
    button.textContent = 'play';
    clearInterval(timer);
    timer = 0;
  };
  const play = () => {
    if (timer) return stop();
    if (Number(slider.value) === last) go(0);
    button.textContent = 'stop';
    timer = setInterval(() => (Number(slider.value) === last ? stop() : go(Number(slider.value) + 1)), 1100);
  };
  const named = () => (/^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) : last);

  slider.addEventListener('input', () => go(Number(slider.value)));
  document.getElementById('first').addEventListener('click', () => go(0));
  document.getElementById('back').addEventListener('click', () => go(Number(slider.value) - 1));
  document.getElementById('next').addEventListener('click', () => go(Number(slider.value) + 1));
  button.addEventListener('click', play);
  document.addEventListener('keydown', (event) => {
    if (event.target === slider) return;
    if (event.key === 'ArrowRight') go(Number(slider.value) + 1);
    if (event.key === 'ArrowLeft') go(Number(slider.value) - 1);
  });
  for (const element of document.querySelectorAll('figure [data-step]')) {
    element.addEventListener('click', () => go(Number(element.dataset.step)));
  }
  window.addEventListener('hashchange', () => show(named()));
  document.body.classList.add('live');
  show(named());
})();
