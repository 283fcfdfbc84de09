// See pipeline_bundle.h.
#include "pipeline_bundle.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "plan/relayout.h"
#include "plan/start_order.h"

namespace lambdapack {
namespace {

Result<void> bundle_single(const CommandLine& command_line, Package& package, const Inventory& inventory, Frame& frame,
                           Prepared& prepared) {
  BundleOptions options{command_line.sysroot, command_line.bundle_libc, {}, command_line.read};
  for (const std::string& library : frame.layers.libraries)
    if (library.starts_with("/opt/lib/")) options.layer_libraries.insert(library.substr(library.rfind('/') + 1));
  LP_TRY(prepared.bundle, bundle_program(std::move(package), inventory, frame.target, options));
  package = std::move(prepared.bundle->package);
  prepared.changed = true;
  if (prepared.bundle->own_libc) use_own_libc(frame.target, frame.profile, {"/var/task/lib"});
  return {};
}

Result<void> judge_script_layout(const CommandLine& command_line, Package& package, const Inventory& inventory,
                                 Frame& frame, Prepared& prepared) {
  LP_TRY(const auto layout, find_script_layout(package, inventory));
  if (!layout) {
    if (command_line.relayout)
      package.findings.push_back({"relayout-not-applicable",
                                  Severity::info,
                                  {},
                                  {},
                                  "bootstrap is no script that starts a bundled loader with --library-path",
                                  "leave --relayout out"});
    return {};
  }
  prepared.has_own_order = true;
  LP_TRY(Relayout relayout, relayout_package(package, inventory, frame.target, *layout, command_line.read));
  const bool works = relayout.obstacle.empty();
  Finding finding{"bundled-loader-layout", Severity::info, "bootstrap", {}, {}, {}};
  const std::string without = fmt::format("{} files, {}, which the runtime has in memory, and a shell",
                                          format_count(relayout.files), format_bytes(relayout.bytes));
  if (works && command_line.relayout) {
    package = std::move(relayout.package);
    prepared.changed = true;
    finding.code = "relayout-done";
    finding.message =
        fmt::format("was a script that started {} with the bundled loader; now it is that program, without {}",
                    layout->program, without);
    finding.help = "the script's AWS_EXECUTION_ENV and handler argument went with it";
  } else {
    // A script that does more may start other programs in another way.
    LP_TRY(const StartOrder order, read_start_order(package, inventory, frame.target, frame.profile, command_line.env));
    frame.target.search_path_doubt = order.doubt;
    use_own_libc(frame.target, frame.profile, {"/var/task/" + layout->library});
    finding.message =
        fmt::format("is a script that starts {} with the bundled loader {}", layout->program, layout->loader);
    finding.message += works ? fmt::format("; --relayout would start the program itself, without {}", without)
                             : "; it has to stay so: " + relayout.obstacle;
    if (works) finding.help = "pass --relayout";
  }
  package.findings.push_back(std::move(finding));
  sort_findings(package.findings);
  return {};
}

}  // namespace

Result<Prepared> prepare_package(const CommandLine& command_line, Package& package, const Inventory& inventory,
                                 Frame& frame) {
  Prepared prepared;
  if (command_line.command != Command::analyze && is_single_program(package, inventory, frame.target)) {
    LP_CHECK(bundle_single(command_line, package, inventory, frame, prepared));
  } else if (command_line.bundle_libc || !command_line.sysroot.empty()) {
    if (command_line.command != Command::analyze)
      return fail(command_line.bundle_libc ? "--bundle-libc" : "--sysroot",
                  "is for a single program and a provided runtime",
                  "give the path of one ELF executable, not of a library, folder or archive");
  } else if (frame.target.runtime.family == "provided" && !frame.target.is_layer) {
    LP_CHECK(judge_script_layout(command_line, package, inventory, frame, prepared));
  }
  return prepared;
}

Result<void> follow_start_script(const CommandLine& command_line, Package& package, const Inventory& inventory,
                                 Frame& frame) {
  LP_TRY(const StartOrder order, read_start_order(package, inventory, frame.target, frame.profile, command_line.env));
  apply_start_order(order, frame.target, frame.profile);
  if (auto finding = start_order_finding(order)) {
    package.findings.push_back(*std::move(finding));
    sort_findings(package.findings);
  }
  return {};
}

void explain_missing(const CommandLine& command_line, const Bundle& bundle, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (finding.code != "missing-library" || !std::ranges::binary_search(bundle.missing, finding.detail)) continue;
    const std::string where = command_line.sysroot.empty() ? "this machine" : command_line.sysroot;
    finding.message += fmt::format(", nor {}", where);
    finding.help = fmt::format(
        "install the package that has {} (Debian: apt-file search {}; RPM: dnf provides '*/{}'), pass --sysroot DIR, "
        "or "
        "--add FILE:lib/",
        finding.detail, finding.detail, finding.detail);
  }
}

}  // namespace lambdapack
