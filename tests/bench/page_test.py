"""Looks at the page of `./workshop bench` in a headless Chromium: at 360 pixels nothing is wider than
the window, light and dark differ, all pictures are there, the keyboard reaches what can be opened
or scrolled, and it prints.

    page_test.py BENCH_PAGE REPLAY TRACE

Without Chromium it is skipped.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77  # as Meson knows it

# Written into a page that has the one to be looked at in a frame of 360 pixels.
PROBE = """
const look = () => {
  const page = frames[0].document;
  const all = selector => [...page.querySelectorAll(selector)];
  const style = frames[0].getComputedStyle(page.body);
  const found = {
    window: page.documentElement.clientWidth,
    content: page.documentElement.scrollWidth,
    paper: style.backgroundColor,
    ink: style.color,
    images: all('img').length,
    broken: all('img').filter(image => image.naturalWidth === 0).length,
    nameless: all('img:not([alt])').length + all('svg:not([role=img])').length +
      all('svg').filter(svg => !svg.querySelector('title')).length,
    closed: all('summary').length,
    unreachable: all('.wide').filter(box => box.scrollWidth > box.clientWidth && box.tabIndex < 0)
      .length,
    smallest: Math.min(...all('svg').filter(svg => svg.getBoundingClientRect().width > 0)
      .map(svg => svg.getBoundingClientRect().width / 400 * 12)),
    scripts: all('script, link, iframe, object').length,
  };
  document.body.innerText = 'FOUND ' + JSON.stringify(found) + ' END';
};
addEventListener('load', look);
"""


def find_browser():
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


def run_browser(browser, folder, *arguments):
    return subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
         f"--user-data-dir={folder}/profile", *arguments],
        capture_output=True, text=True, timeout=120, check=False).stdout


def measured_lines(replay, trace, heap):
    """All kinds of lines that there are, on two trees, with names as long as real ones."""
    lines = ["workshop-bench 1", "part\tStep 4: free list",
             "about\tcommand\t./workshop bench 4 --rounds 2 --trace " + trace,
             "tree\t0\tsolution", "tree\t1\tyours"]
    contenders = ("malloc", "Locked<FreeListAllocator,std::mutex>", "synchronized_pool_resource")
    for workload in ("same_size", "any_size"):
        for contender in contenders:
            for threads in (1, 2, 4, 8):
                name = f"{workload}/{contender}/real_time/threads:{threads}"
                lines.append("name\t" + name)
                for tree in (0, 1):
                    for time in (10.5, 12.25):
                        lines.append(f"case\t{tree}\t{name}\t{time * threads}\tunfairness\t16.25")
    for contender in contenders:
        name = "latency/" + contender
        lines.append("name\t" + name)
        counters = "".join(f"\t{call} {percentile}\t{value}" for call in ("allocate", "deallocate")
                           for percentile, value in (("p50", 30), ("p99", 90), ("p99.9", 400),
                                                     ("max", 123456)))
        lines.append(f"case\t0\t{name}\t50{counters}\toverhead\t20")
    output = subprocess.run([replay, "--rows", "--rounds", "2", "--heap", heap, trace],
                            capture_output=True, text=True, timeout=300, check=True).stdout
    for tree in (0, 1):
        lines += [f"replay\t{tree}\t{line}" for line in output.splitlines()]
        lines.append(f"heap\t{tree}\t{pathlib.Path(heap).name}")
    return "\n".join(lines) + "\n"


def look_at(browser, folder, *arguments):
    text = run_browser(browser, folder, "--window-size=800,800", "--dump-dom", *arguments,
                       f"file://{folder}/probe.html")
    match = re.search(r"FOUND (\{.*?\}) END", text, re.DOTALL)
    if not match:
        sys.exit("the page was not shown; the browser wrote:\n" + text[:2000])
    return json.loads(match.group(1).replace("&quot;", '"'))


def main():
    browser = find_browser()
    if browser is None:
        print("Skipped: chromium is missing (package chromium).")
        return SKIPPED
    bench_page, replay, trace = sys.argv[1:]
    wrong = []

    def expect(good, sentence):
        if not good:
            wrong.append(sentence)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = folder / "4.tsv"
        data.write_text(measured_lines(replay, trace, str(folder / "4.heap")), encoding="utf-8")
        subprocess.run([bench_page, str(data)], check=True, stdout=subprocess.DEVNULL)
        (folder / "probe.html").write_text(
            f'<!doctype html><body><iframe src="4.html" style="width:360px;height:700px;border:0">'
            f"</iframe><script>{PROBE}</script>", encoding="utf-8")

        light = look_at(browser, name)
        dark = look_at(browser, name, "--blink-settings=preferredColorScheme=0")
        print(json.dumps({"light": light, "dark": dark}, indent=1))
        for found in (light, dark):
            expect(found["content"] <= found["window"], "at 360 pixels the page scrolls sideways")
            expect(found["images"] == 7, "pictures of heaps are missing")
            expect(found["broken"] == 0, "a picture cannot be shown")
            expect(found["nameless"] == 0, "a picture has no words for those who do not see it")
            expect(found["closed"] >= 1, "no trace can be opened")
            expect(found["unreachable"] == 0, "a table scrolls that the keyboard does not reach")
            expect(found["smallest"] >= 9, "letters in a chart are smaller than 9 pixels")
            expect(found["scripts"] == 0, "the page has scripts or loads something")
        expect(light["paper"] != dark["paper"] and light["ink"] != dark["ink"],
               "light and dark are the same")

        pdf = folder / "page.pdf"
        run_browser(browser, name, f"--print-to-pdf={pdf}", f"file://{folder}/4.html")
        expect(pdf.exists() and pdf.stat().st_size > 20_000, "it does not print")

    for sentence in wrong:
        print("wrong: " + sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
