// "Look further" goes on from where the search for rare rows stopped, page after page into this one, and says how far it came:
// until the page is full, the list ends, or somebody stops it. Without this script the link is a page turn like any other.
(() => {
  "use strict";
  const nav = document.querySelector(".pages"), link = nav.querySelector(".pages-further");
  if (!link) return;
  const stop = nav.querySelector(".pages-stop"), full = Number(nav.dataset.full);
  let going = false;

  const rows = place => place.querySelectorAll("#result_list tbody tr").length;

  // Puts the rows of a further page below those of this one.
  const take = page => {
    const table = document.querySelector("#result_list"), further = page.querySelector("#result_list");
    if (further && table) table.append(...[...further.tBodies].filter(part => part.rows.length));
    if (further && !table) document.querySelector("#found").replaceWith(page.querySelector("#found"));
    nav.querySelector(".pages-count").textContent = `${rows(document)} on this page`;
    const said = page.querySelector(".pages-searched"), next = page.querySelector(".pages [rel=next]");
    const status = nav.querySelector(".pages-searched");
    if (said) status.replaceChildren(...said.childNodes);
    else status.textContent = "Everything has been looked through.";
    if (next) link.setAttribute("href", next.getAttribute("href"));
    if (next && !said) link.firstChild.textContent = "Next";
    if (!next) link.remove();
    return Boolean(said && next);
  };

  const goOn = async () => {
    going = true;
    stop.hidden = false;
    link.setAttribute("aria-busy", "true");
    try {
      while (going && rows(document) < full) {
        const answer = await fetch(link.href, {headers: {"X-Look-Further": "1"}});
        // signed out, or an answer that is no list: the link itself shows what it is
        if (!answer.ok || answer.redirected) { location.assign(link.href); return; }
        // a style of another answer carries another answer's nonce
        const text = (await answer.text()).replace(/<style[^>]*>[^]*?<\/style>/g, "");
        if (!take(new DOMParser().parseFromString(text, "text/html"))) going = false;
      }
    } catch { // the line failed: what was found stays, and the link goes on from there
    } finally {
      going = false;
      stop.hidden = true;
      link.removeAttribute("aria-busy");
    }
  };

  link.addEventListener("click", event => {
    if (rows(document) >= full || link.firstChild.textContent === "Next") return;
    event.preventDefault();
    if (!going) goOn();
  });
  stop.addEventListener("click", () => { going = false; link.focus(); });
  document.addEventListener("keydown", event => { if (event.key === "Escape") going = false; });
})();
