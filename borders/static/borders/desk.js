// The supervisor's desk: charts, and a board that asks for itself again without losing what somebody has opened.
"use strict";

(() => {
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const draw = (canvas) => {
    const given = JSON.parse(canvas.dataset.chart);
    const ink = colour("--ink"), line = colour("--line");
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const axis = (title) => ({
      stacked: given.stacked,
      ticks: { color: ink, precision: 0 },
      grid: { color: line },
      title: { display: Boolean(title), text: title, color: ink },
      beginAtZero: true,
    });
    drawn.set(canvas, new Chart(canvas.getContext("2d"), {
      type: "bar",
      data: {
        labels: given.labels,
        datasets: given.series.map((series) => ({
          label: series.label,
          data: series.data,
          backgroundColor: colour(`--${series.ink}-paper`),
          borderColor: colour(`--${series.ink}-ink`),
          borderWidth: 2,
        })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        transitions: still ? { active: { animation: { duration: 0 } } } : {},
        scales: { x: axis(""), y: axis(given.unit) },
        plugins: { legend: { labels: { color: ink } } },
      },
    }));
  };

  const drawAll = () => document.querySelectorAll("canvas[data-chart]").forEach((canvas) => drawn.has(canvas) || draw(canvas));

  const forget = () => {
    for (const [canvas, chart] of drawn) {
      chart.destroy();
      drawn.delete(canvas);
    }
  };

  const start = () => {
    drawAll();
    const watch = new MutationObserver(() => { forget(); drawAll(); });
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });

    const board = document.getElementById("board");
    if (!board) return;
    const pause = document.getElementById("board-pause"), said = document.getElementById("board-said");
    const usual = said.textContent;
    let paused = false, open = [];

    pause.addEventListener("click", () => {
      paused = !paused;
      pause.setAttribute("aria-pressed", String(paused));
      said.textContent = paused ? "Paused: the figures below grow old." : usual;
    });
    board.addEventListener("htmx:beforeRequest", (event) => {
      if (paused || document.hidden) event.preventDefault();
    });
    board.addEventListener("htmx:beforeSwap", (event) => {
      // a sign-in page came instead of the board
      if (!event.detail.xhr.responseText.includes("data-board")) {
        event.detail.shouldSwap = false;
        if (event.detail.xhr.status < 400) window.location.reload();
        return;
      }
      open = [...board.querySelectorAll("details[open]")].map((details) => details.id);
      forget();
    });
    board.addEventListener("htmx:afterSwap", () => {
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
      said.textContent = usual;
      drawAll();
    });
    for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
      board.addEventListener(failure, () => {
        said.textContent = "No answer from the system: the figures below grow old. It is asked again by itself.";
      });
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
