// Fetches the page again every few seconds and puts its changing parts in place; nothing comes from elsewhere.
(() => {
  "use strict";
  const SECONDS = 5;
  const shown = new Map();
  const lost = document.getElementById("lost");

  const renew = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["live", "reports"]) {
        const old = document.getElementById(id);
        const part = fresh.getElementById(id);
        if (!part || !old || part.innerHTML === shown.get(id)) continue;
        shown.set(id, part.innerHTML);
        for (const details of old.querySelectorAll("details[open]")) {
          const same = part.querySelector("#" + details.id);
          if (same) same.open = true;
        }
        old.replaceWith(document.adoptNode(part));
      }
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
  };

  setInterval(renew, SECONDS * 1000);
  document.addEventListener("visibilitychange", renew);
})();
