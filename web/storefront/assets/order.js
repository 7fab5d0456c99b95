// Keeps the page of an order up to date: each entry of its history, and its end, make the part that
// changes be read again.
const status = document.getElementById("status");
const events = new EventSource(`/api/v1/orders/${encodeURIComponent(status.dataset.order)}/events`);

const filledIn = () => status.querySelector("details[open]"); // a form that somebody is at

async function refresh() {
  if (filledIn()) return;
  const answer = await fetch(`${location.pathname}?part=status`);
  const text = await answer.text();
  if (answer.ok && !filledIn()) status.innerHTML = text;
}

events.addEventListener("status", refresh);
events.addEventListener("end", async () => {
  events.close();
  await refresh();
  status.dataset.ended = "true";
});
