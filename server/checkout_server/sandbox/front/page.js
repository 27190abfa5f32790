const announce = document.querySelector("#announcement");
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    announce.textContent = "Copied.";
  });
}
document.addEventListener("visibilitychange", async () => {
  if (document.visibilityState !== "visible") return;
  const fresh = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  for (const id of ["sales", "webhooks"]) document.getElementById(id).replaceWith(fresh.getElementById(id));
});
