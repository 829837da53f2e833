// The page's own clock: a click on a time moves the cursor and puts the units where they were.
const data = JSON.parse(document.getElementById("samples").textContent);
const units = document.getElementById("units");
const line = document.getElementById("timeline");
const cursor = document.getElementById("cursor");
const now = document.getElementById("now");
const CLASSES = ["free", "sent", "there", "gone"];
const place = (x) => { cursor.setAttribute("x1", x); cursor.setAttribute("x2", x); };
function go(t) {
  const sample = data.at[Math.min(data.at.length - 1, Math.max(0, Math.round(t / data.every)))] || [];
  let dots = "";
  for (let i = 0; i < sample.length; i += 3)
    dots += `<circle class="${CLASSES[sample[i + 2]]}" cx="${sample[i]}" cy="${sample[i + 1]}" r="3.4"/>`;
  units.innerHTML = dots;
  const d = line.dataset;
  place(+d.left + +d.width * Math.min(1, t / +d.whole));
  const m = Math.floor(t / 60), s = String(Math.floor(t % 60)).padStart(2, "0");
  now.textContent = `+${m}′${s}″`;
  for (const mark of document.querySelectorAll("#map [data-t]"))
    mark.style.opacity = +mark.dataset.t <= t ? 1 : 0.15;
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-t]");
  if (link) { go(+link.dataset.t); return; }
  if (event.target.closest("#timeline")) {
    const box = line.getBoundingClientRect(), d = line.dataset, view = line.viewBox.baseVal;
    const x = (event.clientX - box.left) * view.width / box.width;
    go(Math.max(0, Math.min(+d.whole, (x - d.left) / d.width * d.whole)));
  }
});
const asked = /t=(\d+)/.exec(location.hash);
if (asked) go(asked[1] > FROM ? asked[1] - FROM : +asked[1]); else go(data.every * (data.at.length - 1));
