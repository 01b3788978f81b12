#!/usr/bin/env python3
"""The gradient of hlmc beside those of stanli and of Stan's C++, side by side in one run.

    python3 benches/peers.py run --hlmc target/release/hlmc --posteriordb CHECKOUT/posterior_database --out peers.jsonl
                             [--only NAME ...] [--no-cpp | --cpp NAME ...] [--venv FOLDER]
    python3 benches/peers.py compile --posteriordb CHECKOUT/posterior_database --venv FOLDER [--only NAME ...]
    python3 benches/peers.py table peers.jsonl

`run` makes a throw-away virtual environment (or uses the one of --venv, and keeps it), installs stanli, bridgestan and
pystan from PyPI, and times each posterior with all three before it goes on with the next one. CHECKOUT is one of
https://github.com/stan-dev/posteriordb; the seedling model of this repository comes first. `table` prints the tables of
docs/performance.md from what `run` wrote.

What is timed: value and gradient of the log density that is sampled from (constants dropped, Jacobians included), in
thread CPU time. stanli: through its BridgeStan interface, called in a loop in C. C++: the class that the stanc of httpstan
(which comes with pystan) writes, with the headers of httpstan, by `c++ -O3 -march=native`, in a loop in C++. Both: the
median of five loops at each of five points, of these the median. hlmc: `hlmc bench --engine native --json`, likewise.
The C++ is compiled for the benchmark's models alone, since one takes most of a minute; --cpp names others, or `all`.
`compile` does so ahead and leaves the binaries in the environment's folder, so that `run` times them on an idle machine.

This script is no part of the tests. It needs a C++ compiler.
"""

import argparse
import glob
import hashlib
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
import zipfile

PACKAGES = ["stanli", "bridgestan", "numpy", "pystan"]

# Nothing takes longer than this many seconds, compilers aside.
TIMEOUT = 300
COMPILER_TIMEOUT = 1800

SEEDLING = "seedling"

# The models that the project is measured by.
BENCHMARK = [
    SEEDLING,
    "eight_schools-eight_schools_noncentered",
    "radon_all-radon_hierarchical_intercept_noncentered",
    "radon_mn-radon_variable_intercept_slope_noncentered",
    "irt_2pl-irt_2pl",
    "election88-election88_full",
    "nes1972-nes",
    "diamonds-diamonds",
    "arK-arK",
    "garch-garch11",
    "hmm_example-hmm_example",
    "gp_pois_regr-gp_pois_regr",
    "wells_data-wells_dae_model",
    "low_dim_gauss_mix-low_dim_gauss_mix",
    "hudson_lynx_hare-lotka_volterra",
    "sblrc-blr",
    "rats_data-rats_model",
    "GLMM_Poisson_data-GLMM_Poisson_model",
    "kidiq-kidscore_interaction",
]

# Runs in the virtual environment: program, data and the loop's library in, one JSON object out.
STANLI = r"""
import ctypes, json, sys, time
import numpy as np, stanli

program, data, library = sys.argv[1:4]
loop = ctypes.CDLL(library).time_gradient
loop.restype = ctypes.c_double
begin = time.process_time()
mir = stanli.stan_to_mir(open(program).read())
model = stanli.bridgestan_model(mir=mir, data=open(data).read(), name="m")
ready = time.process_time() - begin
n = model.param_unc_num()
function = ctypes.cast(ctypes.CDLL(stanli._runtime_lib_path()).bs_log_density_gradient, ctypes.c_void_p)
raw = model.model
handle = ctypes.c_void_p(raw if isinstance(raw, int) else ctypes.cast(raw, ctypes.c_void_p).value)
rng, times = np.random.default_rng(1), []
for attempt in range(60):
    x, out, value = rng.uniform(-1, 1, n) * (1 if attempt < 30 else 0.1), np.zeros(n), ctypes.c_double()
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (x, out)]
    call = lambda repeats: loop(function, handle, pointers[0], ctypes.byref(value), pointers[1], repeats)
    if call(1) < 0 or not np.isfinite(value.value):
        continue
    repeats = int(max(1, min(200_000, 1e7 / max(call(3), 1))))
    times.append(sorted(call(repeats) for _ in range(5))[2])
    if len(times) == 5:
        break
print(json.dumps({"ns": sorted(times)[len(times) // 2], "ready_ms": 1e3 * ready}))
"""

LOOP = r"""
#include <stdbool.h>
#include <time.h>
typedef int (*gradient)(const void*, bool, bool, const double*, double*, double*, char**);
double time_gradient(gradient f, const void* model, const double* x, double* value, double* out, int repeats) {
  struct timespec begin, end;
  char* error = 0;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  for (int i = 0; i < repeats; i++)
    if (f(model, true, true, x, value, out, &error)) return -1;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / repeats;
}
"""

# Compiled together with what stanc writes, which is `model.hpp`.
CPP = r"""
#include <stan/model/model_base.hpp>
#include "model.hpp"
#include <stan/io/json/json_data.hpp>
#include <stan/model/log_prob_grad.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <sstream>
#include <vector>

static double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x.empty() ? NAN : x[x.size() / 2];
}

int main(int, char** argv) {
  std::ifstream file(argv[1]);
  stan::json::json_data data(file);
  stan::model::model_base& model = new_model(data, 1, nullptr);
  const long n = model.num_params_r();
  std::mt19937 rng(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> times;
  std::stringstream messages;
  for (int attempt = 0; attempt < 60 && times.size() < 5; attempt++) {
    Eigen::VectorXd x(n), gradient(n);
    for (long i = 0; i < n; i++) x[i] = uniform(rng) * (attempt < 30 ? 1 : 0.1);
    auto call = [&](int repeats) {
      double begin = now();
      for (int i = 0; i < repeats; i++) {
        double value = stan::model::log_prob_grad<true, true>(model, x, gradient, &messages);
        if (!std::isfinite(value)) throw std::domain_error("not finite");
      }
      return (now() - begin) / repeats;
    };
    try {
      call(1);
      int repeats = std::max(1.0, std::min(200000.0, 1e7 / call(3)));
      std::vector<double> loops;
      for (int i = 0; i < 5; i++) loops.push_back(call(repeats));
      times.push_back(median(loops));
    } catch (const std::exception&) {
    }
  }
  std::printf("{\"ns\": %.1f}\n", median(times));
}
"""


class Peers:
    """A virtual environment with stanli and pystan."""

    def __init__(self, folder):
        self.folder = folder
        self.python = os.path.join(folder, "bin", "python")
        if not os.path.exists(self.python):
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([self.python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        text = "import httpstan, os; print(os.path.dirname(httpstan.__file__))"
        self.httpstan = subprocess.check_output([self.python, "-c", text], text=True).strip()
        self.loop = self.write("loop.c", LOOP).replace(".c", ".so")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", self.loop, self.path("loop.c")], check=True)
        self.write("time_stanli.py", STANLI)
        self.write("time_cpp.cpp", CPP)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def versions(self):
        names = ["stanli", "pystan", "httpstan"]
        text = f"import json, importlib.metadata as m; print(json.dumps({{n: m.version(n) for n in {names}}}))"
        return json.loads(subprocess.check_output([self.python, "-c", text], text=True))

    def stanli(self, program, data):
        return run([self.python, self.path("time_stanli.py"), program, data, self.loop])

    def cpp(self, program, data):
        compiled = self.compiled(program)
        return compiled if "error" in compiled else run([compiled["binary"], data]) | {"ready_ms": compiled["ready_ms"]}

    def compiled(self, program):
        """The C++ of a program: its binary and how long it took, or the error. What was compiled before is kept."""
        with open(program, "rb") as file:
            folder = self.path(os.path.join("cpp", hashlib.sha256(file.read()).hexdigest()[:16]))
        os.makedirs(folder, exist_ok=True)
        about, header, binary = (os.path.join(folder, name) for name in ("about.json", "model.hpp", "time_cpp"))
        if os.path.exists(about):
            with open(about) as file:
                return json.load(file)
        include, lib = os.path.join(self.httpstan, "include"), os.path.join(self.httpstan, "lib")
        stanc = [os.path.join(self.httpstan, "stanc"), "--name=peer", f"--o={header}", program]
        flags = ["-std=c++17", "-O3", "-march=native", "-w", "-DBOOST_DISABLE_ASSERTS", "-D_REENTRANT"]
        flags += ["-D_GLIBCXX_USE_CXX11_ABI=0", f"-I{folder}", f"-I{include}"]
        libraries = [f"-L{lib}", f"-Wl,-rpath,{lib}", "-lsundials_cvodes", "-lsundials_idas", "-lsundials_kinsol"]
        libraries += ["-lsundials_nvecserial", "-ltbb"]
        # Reading Stan's headers is half of the work, and the same for every model.
        common = self.path(os.path.join("cpp", "common.hpp"))
        ahead = []
        if not os.path.exists(common + ".gch"):
            with open(common, "w") as file:
                file.write("#include <stan/model/model_header.hpp>\n#include <stan/model/log_prob_grad.hpp>\n")
            ahead = [["c++", *flags, "-x", "c++-header", common, "-o", common + ".gch"]]
        compiler = ["c++", *flags, "-include", common, self.path("time_cpp.cpp"), "-o", binary, *libraries]
        result = {"binary": binary}
        for command in (*ahead, stanc, compiler):
            begin = time.time()
            done = attempt(command, COMPILER_TIMEOUT)
            if done.returncode != 0:
                result = {"error": (done.stderr or done.stdout).strip()[-300:]}
                break
            result["ready_ms"] = 1e3 * (time.time() - begin)
        with open(about, "w") as file:
            json.dump(result, file)
        return result


def attempt(command, timeout):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"more than {timeout} s")


def run(command):
    """The JSON object that a command prints last, or its error."""
    done = attempt(command, TIMEOUT)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"error": (done.stderr or done.stdout).strip()[-300:]}


def hlmc(binary, program, data):
    record = run([binary, "bench", program, "--data", data, "--engine", "native", "--json"])
    native = record.get("engines", {}).get("native")
    if native is None:
        return {"error": record.get("error", "the native engine cannot run it")}
    return {"ns": native["ns_per_gradient"], "ready_ms": native["ready_ms"], "runs": native.get("runs")}


def posteriors(root, folder):
    """Name, program and data of each posterior; the data are unpacked into the folder."""
    here = os.path.dirname(os.path.abspath(__file__))
    # The same as models/seedling.model, whose array syntax the peers no longer read.
    program = os.path.join(here, "models", "seedling.stan")
    yield SEEDLING, program, os.path.join(here, "..", "models", "seedling.json")
    for path in sorted(glob.glob(os.path.join(root, "posteriors", "*.json"))):
        with open(path) as file:
            about = json.load(file)
        program = os.path.join(root, "models", "stan", about["model_name"] + ".stan")
        packed = os.path.join(root, "data", "data", about["data_name"] + ".json.zip")
        if not os.path.exists(packed) or not os.path.exists(program):
            continue
        data = os.path.join(folder, about["data_name"] + ".json")
        if not os.path.exists(data):
            with zipfile.ZipFile(packed) as archive, open(data, "wb") as out:
                out.write(archive.read(archive.namelist()[0]))
        yield os.path.basename(path)[: -len(".json")], program, data


def time_all(args, folder):
    peers = Peers(args.venv or os.path.join(folder, "venv"))
    cpp = set() if args.no_cpp else set(BENCHMARK if args.cpp is None else args.cpp)
    everything = "all" in cpp
    with open(args.out, "a") as out:
        about = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "versions": peers.versions()}
        out.write(json.dumps(about) + "\n")
        for name, program, data in posteriors(args.posteriordb, folder):
            if args.only and name not in args.only:
                continue
            record = {"posterior": name, "hlmc": hlmc(args.hlmc, program, data), "stanli": peers.stanli(program, data)}
            if everything or name in cpp:
                record["cpp"] = peers.cpp(program, data)
            out.write(json.dumps(record) + "\n")
            out.flush()
            print(name, {peer: record[peer] for peer in ("hlmc", "stanli", "cpp") if peer in record}, file=sys.stderr)


def compile_all(args, folder):
    peers = Peers(args.venv)
    for name, program, _ in posteriors(args.posteriordb, folder):
        if not args.only or name in args.only:
            print(name, peers.compiled(program), file=sys.stderr)


def machine():
    """The processor, in general words."""
    cpu = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        cpu = names[0] if names else cpu
    except OSError:
        pass
    return f"{os.cpu_count()} x {cpu}"


def microseconds(record):
    ns = (record or {}).get("ns")
    if ns is None or not math.isfinite(ns):
        return "-"
    return f"{ns / 1e3:.3g}" if ns < 1e6 else f"{ns / 1e3:.0f}"


def ratio(peer, ours):
    if not (peer or {}).get("ns") or not ours.get("ns") or not math.isfinite(peer["ns"]):
        return None
    return peer["ns"] / ours["ns"]


def geometric_mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def shown(x):
    return "-" if x is None else f"{x:.1f}"


def print_table(path):
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    about = [line for line in lines if "posterior" not in line][-1]
    # What was timed again counts as it was last; ratios are within one record.
    records = {line["posterior"]: line for line in lines if "posterior" in line}
    compiled = {line["posterior"]: line for line in lines if "cpp" in line}
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    print(f"Measured on {about['date']}, {about['machine']}; {versions}.\n")
    print("| model | stanli, us | C++, us | hlmc, us | stanli / hlmc | C++ / hlmc | ready: stanli, ms | ready: hlmc, ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    rest = sorted(set(records) - set(BENCHMARK))
    for name in [name for name in BENCHMARK if name in records] + rest:
        record, beside_cpp = records[name], compiled.get(name, {})
        ours, stanli, cpp = record["hlmc"], record.get("stanli"), beside_cpp.get("cpp")
        ready = [f"{peer['ready_ms']:.1f}" if peer and peer.get("ready_ms") else "-" for peer in (stanli, ours)]
        cells = [f"`{name}`", microseconds(stanli), microseconds(cpp), microseconds(ours)]
        cells += [shown(ratio(stanli, ours)), shown(ratio(cpp, beside_cpp.get("hlmc", {}))), *ready]
        print("| " + " | ".join(cells) + " |")
    print("\n| geometric mean of | models | times faster | slowest |\n| --- | ---: | ---: | ---: |")
    for title, peer, chosen in (
        ("stanli / hlmc, the benchmark's models", "stanli", {name: records[name] for name in BENCHMARK if name in records}),
        ("stanli / hlmc, all", "stanli", records),
        ("C++ / hlmc", "cpp", compiled),
    ):
        ratios = [ratio(record.get(peer), record["hlmc"]) for record in chosen.values()]
        ratios = [x for x in ratios if x]
        if ratios:
            print(f"| {title} | {len(ratios)} | {geometric_mean(ratios):.1f} | {min(ratios):.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    timing = commands.add_parser("run", help="time the models")
    timing.add_argument("--hlmc", required=True, help="the hlmc binary")
    timing.add_argument("--posteriordb", required=True, help="the posterior_database folder of a checkout")
    timing.add_argument("--out", required=True, help="where records are appended, a JSON line a model")
    timing.add_argument("--only", nargs="*", help="these posteriors alone")
    timing.add_argument("--cpp", nargs="*", help="compile the C++ of these, or of all (default: the benchmark's models)")
    timing.add_argument("--no-cpp", action="store_true", help="compile no C++")
    timing.add_argument("--venv", help="a virtual environment to use and keep")
    ahead = commands.add_parser("compile", help="compile the C++ of the models and keep it")
    ahead.add_argument("--posteriordb", required=True, help="the posterior_database folder of a checkout")
    ahead.add_argument("--only", nargs="*", help="these posteriors alone")
    ahead.add_argument("--venv", required=True, help="the virtual environment that keeps it")
    table = commands.add_parser("table", help="print the tables as Markdown")
    table.add_argument("records", help="what `run` wrote")
    args = parser.parse_args()
    if args.command == "table":
        print_table(args.records)
        return
    with tempfile.TemporaryDirectory() as folder:
        {"run": time_all, "compile": compile_all}[args.command](args, folder)


main()
