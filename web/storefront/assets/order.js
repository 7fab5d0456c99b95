// Keeps the page of an order up to date: each entry of its history, and its end, make the part that
// changes be read again.
const status = document.getElementById("status");
const events = new EventSource(`/api/v1/orders/${encodeURIComponent(status.dataset.order)}/events`);

async function refresh() {
  if (status.querySelector("details[open]")) return; // somebody is filling in a form
  const answer = await fetch(`${location.pathname}?part=status`);
  if (answer.ok) status.innerHTML = await answer.text();
}

events.addEventListener("status", refresh);
events.addEventListener("end", () => { events.close(); refresh(); });
