"use strict";
// The page works without this. With it, a change is priced at once, and a wrong card is refused as it is typed.
const form = document.getElementById("checkout");
if (form) {
  const cardFields = ["card_number", "expiry", "cvc"];
  const element = (id) => document.getElementById(id);
  const lastPriced = () => new URLSearchParams([...new FormData(form)].filter(([name]) => !cardFields.includes(name)));

  const checkCard = () => {
    const input = element("card_number");
    if (!input) return;
    const isTestCard = new RegExp(`^(?:${input.pattern})$`).test(input.value.trim());
    input.setCustomValidity(input.value && !isTestCard ? input.title : "");
  };

  // Only what belongs to the chosen way has to be filled in.
  const requireChosen = () => {
    for (const way of form.querySelectorAll(".way")) {
      const isChosen = way.querySelector("input").checked;
      for (const field of way.querySelectorAll(".panel input, .panel select")) {
        field.disabled = !isChosen;
        field.required = isChosen && field.hasAttribute("data-required");
      }
    }
    const taxId = element("tax_id");
    if (taxId) taxId.required = element("business").checked && taxId.hasAttribute("data-required");
  };

  const nameCountries = () => {
    const select = element("country");
    if (!select || select.tagName !== "SELECT") return;
    const names = new Intl.DisplayNames([document.documentElement.lang], { type: "region" });
    const options = [...select.options].filter((option) => option.value);
    for (const option of options) option.textContent = names.of(option.value);
    options.sort((one, other) => one.textContent.localeCompare(other.textContent, document.documentElement.lang));
    select.append(...options);
  };

  const prepare = () => {
    requireChosen();
    nameCountries();
    checkCard();
    for (const button of document.querySelectorAll("#apply")) button.hidden = false;
  };

  // What was typed while the answer was on its way stays.
  const refresh = (here, there) => {
    const typed = [...here.querySelectorAll("input, select")].map(({ id, value, checked }) => ({ id, value, checked }));
    const { id: focused, selectionStart, selectionEnd } = document.activeElement;
    here.replaceChildren(...there.childNodes);
    for (const { id, value, checked } of typed) {
      const field = element(id);
      if (!field || field.readOnly) continue;
      if (["checkbox", "radio"].includes(field.type)) field.checked = checked;
      else if (field.tagName === "INPUT" || [...field.options].some((option) => option.value === value))
        field.value = value;
    }
    if (!focused || document.activeElement.id === focused) return;
    element(focused)?.focus();
    if (selectionStart != null) element(focused)?.setSelectionRange(selectionStart, selectionEnd);
  };

  let asked = null;
  const price = async () => {
    asked?.abort();
    const request = (asked = new AbortController());
    let text;
    try {
      const answer = await fetch(form.dataset.price, { method: "POST", body: lastPriced(), signal: request.signal });
      text = await answer.text(); // a newer change may cut this short, too
    } catch {
      return; // a newer change is on its way, or the server is gone: paying compares the total once more
    }
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (request.signal.aborted) return;
    if (!fresh.getElementById("checkout")) return location.reload(); // paid or ended elsewhere
    for (const id of ["due", "terms", "order", "cart", "address", "pay", "problem"]) {
      const [here, there] = [element(id), fresh.getElementById(id)];
      if (here && there) refresh(here, there);
    }
    const [ways, freshWays] = [element("methods"), fresh.getElementById("methods")];
    if (ways.dataset.ways !== freshWays.dataset.ways) {
      refresh(ways, freshWays);
      ways.dataset.ways = freshWays.dataset.ways;
    }
    form.elements.shown_total.value = fresh.getElementById("shown_total").value;
    prepare();
  };

  document.addEventListener("change", (event) => {
    requireChosen();
    if (event.target.matches("[data-priced], #business, #discount_code")) price();
  });
  form.addEventListener("input", (event) => {
    if (event.target.id === "expiry" && /^\d\d$/.test(event.target.value) && event.inputType?.startsWith("insert"))
      event.target.value += "/";
    if (event.target.id === "card_number") {
      const { value, selectionEnd } = event.target;
      if (selectionEnd === value.length && event.inputType?.startsWith("insert"))
        event.target.value = value.replaceAll(/\D/g, "").match(/.{1,4}/g)?.join(" ") ?? "";
      checkCard();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#apply")) price();
    const card = event.target.closest("[data-card]");
    if (card) {
      element("card_number").value = card.textContent;
      element("expiry").value = "12/34";
      element("cvc").value = "123";
      checkCard();
      element("card_number").focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "discount_code") {
      event.preventDefault();
      price();
    }
  });
  prepare();
}
