#include "pipeline_symbolize.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "pipeline_debug_source.h"
#include "report/render_symbols.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kPage = 4096;

const LogMap* map_of(const CrashLog& log, std::uint64_t address) {
  const auto at =
      std::ranges::find_if(log.maps, [&](const LogMap& map) { return map.start <= address && address < map.end; });
  return at == log.maps.end() ? nullptr : &*at;
}

// The address as linked. A file keeps the distances between its segments in memory, so one known place is enough: the
// first of its maps, or else its code.
std::optional<std::uint64_t> linked_by_maps(const CrashLog& log, const LogMap& map, std::uint64_t address,
                                            Symbolizer& symbolizer) {
  const std::uint64_t lowest = symbolizer.lowest_address() / kPage * kPage;
  const auto code = symbolizer.code();
  // Several maps may begin the file: linkers let the code share the first page of the file, and programs that read
  // their own debug information map it all once more. From the right one the code is as far away as in the file.
  const LogMap* first = nullptr;
  bool fits = false;
  for (const LogMap& each : log.maps) {
    if (each.path != map.path || each.code_only || each.offset != 0 || each.start > map.start) continue;
    const bool each_fits = code && map.start - each.start + lowest == code->start / kPage * kPage;
    if (first != nullptr && (each_fits < fits || (each_fits == fits && each.start < first->start))) continue;
    first = &each;
    fits = each_fits;
  }
  if (first != nullptr) return address - first->start + lowest;
  if (!code) return std::nullopt;
  return address - map.start + code->start / kPage * kPage;
}

std::optional<std::uint64_t> linked_address(const CrashLog& log, const LogAddress& address, Symbolizer& symbolizer,
                                            std::string& reason) {
  const std::uint64_t lowest = symbolizer.lowest_address();
  switch (address.kind) {
    case AddressKind::in_module:
      // Most count from address 0 as linked, sanitizers from the first segment: the same but for fixed addresses.
      return address.value < lowest ? address.value + lowest : address.value;
    case AddressKind::in_symbol: {
      const auto value = symbolizer.address_of(address.symbol);
      if (!value) reason = to_string(value.error());
      if (!value || !*value) {
        if (value) reason = fmt::format("no function {} in its symbol table", address.symbol);
        return std::nullopt;
      }
      return **value + address.value;
    }
    case AddressKind::absolute: break;
  }
  if (const LogMap* const map = map_of(log, address.value)) {
    const auto linked = linked_by_maps(log, *map, address.value, symbolizer);
    if (!linked) reason = "its debug file has no executable segment";
    return linked;
  }
  const auto code = symbolizer.code();
  if (lowest > 0 && code && address.value >= code->start && address.value - code->start <= code->size)
    return address.value;  // linked to a fixed address
  reason = "an address in memory: add the process's /proc/PID/maps to the log, or the address relative to its file";
  return std::nullopt;
}

// A program that is linked to a fixed address needs no map: the only such file that has the address in its code.
std::optional<std::size_t> fixed_owner(DebugSource& source, std::uint64_t address) {
  std::optional<std::size_t> owner;
  for (std::size_t i = 0; i < source.files().size(); ++i) {
    std::string ignored;
    Symbolizer* const symbolizer = source.symbolizer(i, ignored);
    if (symbolizer == nullptr || symbolizer->lowest_address() == 0) continue;
    const auto code = symbolizer->code();
    if (!code || address < code->start || address - code->start > code->size) continue;
    if (owner) return std::nullopt;
    owner = i;
  }
  return owner;
}

// Where a position-independent program lay when the log has only addresses in memory, as Rust prints them. Every one of
// them is behind a call, the program begins at a page, and the stack of its first thread ends in _start: so few places
// are possible, and at the right one the functions that such a stack always has are all met.
struct Placement {
  std::size_t file = 0;
  std::uint64_t bias = 0;
};

bool is_landmark(std::string_view function) {
  constexpr std::array<std::string_view, 8> names = {"_start",
                                                     "main",
                                                     "std::panicking::",
                                                     "core::panicking::",
                                                     "rust_begin_unwind",
                                                     "std::rt::lang_start",
                                                     "__rust_begin_short_backtrace",
                                                     "__rust_end_short_backtrace"};
  return std::ranges::any_of(names, [&](std::string_view name) {
    return name.ends_with("::") || name.size() > 10 ? function.find(name) != function.npos : function == name;
  });
}

std::size_t landmarks_at(Symbolizer& symbolizer, const AddressRange& code, std::uint64_t bias,
                         const std::vector<std::uint64_t>& addresses) {
  std::set<std::string> met;
  for (const std::uint64_t address : addresses) {
    const std::uint64_t linked = address - bias - 1;
    if (address <= bias || linked < code.start || linked - code.start >= code.size) continue;
    const auto frames = symbolizer.frames(linked);
    if (!frames) break;
    for (const SourceFrame& frame : *frames)
      if (is_landmark(frame.function)) met.insert(frame.function);
  }
  return met.size();
}

std::optional<Placement> guess_placement(const CrashLog& log, DebugSource& source) {
  constexpr std::uint64_t kMostPlaces = 4096;
  constexpr std::size_t kFewestLandmarks = 3;
  std::vector<std::uint64_t> addresses;
  for (const LogAddress& each : log.addresses)
    if (each.kind == AddressKind::absolute && each.return_address && each.value > kPage &&
        map_of(log, each.value) == nullptr && addresses.size() < 200)
      addresses.push_back(each.value);
  if (addresses.size() < kFewestLandmarks) return std::nullopt;
  std::optional<Placement> best;
  std::size_t most = kFewestLandmarks - 1;
  bool unique = false;
  for (std::size_t file = 0; file < source.files().size(); ++file) {
    std::string ignored;
    Symbolizer* const symbolizer = source.symbolizer(file, ignored);
    if (symbolizer == nullptr || !symbolizer->has_entry() || symbolizer->lowest_address() != 0) continue;
    const auto code = symbolizer->code();
    const auto start_or_error = symbolizer->address_of("_start");
    const auto start = start_or_error ? *start_or_error : std::nullopt;
    if (!start || !code) continue;
    std::set<std::uint64_t> biases;
    // _start calls once, within its first 64 bytes on every architecture of Lambda.
    for (const std::uint64_t address : addresses)
      for (std::uint64_t offset = 1; offset <= 64; ++offset)
        if (address > *start + offset && (address - *start - offset) % kPage == 0)
          biases.insert(address - *start - offset);
    if (biases.size() > kMostPlaces) continue;
    for (const std::uint64_t bias : biases) {
      const std::size_t met = landmarks_at(*symbolizer, *code, bias, addresses);
      if (met < most || (met == most && !best)) continue;
      unique = met > most;
      most = met;
      best = Placement{file, bias};
    }
  }
  return unique ? best : std::nullopt;
}

// What was guessed is a map like one that the log could have had.
void add_guessed_map(CrashLog& log, DebugSource& source) {
  const auto placement = guess_placement(log, source);
  if (!placement) return;
  std::string ignored;
  const auto code = source.symbolizer(placement->file, ignored)->code();
  log.maps.push_back(
      {placement->bias, placement->bias + code->start + code->size, 0, false, source.files()[placement->file].path});
}

Result<CrashLog> log_of_arguments(const CommandLine& command_line) {
  CrashLog log;
  for (const std::string& argument : command_line.addresses) {
    auto addresses = read_address_argument(argument);
    if (addresses.empty()) return fail(printable(argument), "is no address", "give 0x1234, or libfoo.so+0x1234");
    for (LogAddress& address : addresses) {
      address.line = log.lines.size();
      if (address.module.empty()) address.module = command_line.file;
      log.addresses.push_back(std::move(address));
    }
    log.lines.push_back(argument);
  }
  return log;
}

// Some runtimes print addresses only when they are asked to.
std::string hint_without_addresses(std::string_view log) {
  if (log.find("RUST_BACKTRACE=full") != log.npos || log.find("RUST_BACKTRACE=1") != log.npos)
    return "Rust prints addresses with RUST_BACKTRACE=full only: set it in the function's environment";
  if (log.find("Fatal Python error") != log.npos)
    return "faulthandler prints addresses from Python 3.14 on; before, call backtrace() from a handler of the signal";
  return "paste the lines of the crash, or give addresses: lambdapack symbolize --help shows the forms";
}

ResolvedAddress resolve(const CrashLog& log, const LogAddress& address, const Result<std::size_t>& file,
                        DebugSource& source, bool adjust) {
  ResolvedAddress resolved{address, {}, 0, {}, {}};
  if (!file) {
    resolved.reason = file.error().message;
    return resolved;
  }
  Symbolizer* const symbolizer = source.symbolizer(*file, resolved.reason);
  if (symbolizer == nullptr) return resolved;
  const auto linked = linked_address(log, address, *symbolizer, resolved.reason);
  if (!linked) return resolved;
  resolved.path = source.files()[*file].path;
  if (resolved.path.empty()) resolved.path = source.files()[*file].debug_file;
  resolved.linked_address = *linked;
  // A stack holds the address behind the call, which may be the next line, or the next function.
  const std::uint64_t looked_up = adjust && address.return_address && *linked > 0 ? *linked - 1 : *linked;
  auto frames = symbolizer->frames(looked_up);
  if (!frames)
    resolved.reason = to_string(frames.error());
  else
    resolved.frames = *std::move(frames);
  if (frames && resolved.frames.empty())
    resolved.reason = fmt::format("nothing is known of {:#x} in {}", looked_up, resolved.path);
  return resolved;
}

}  // namespace

Result<RunResult> run_symbolize(const CommandLine& command_line, std::string_view text) {
  CrashLog log;
  if (command_line.addresses.empty()) {
    log = read_crash_log(text);
  } else {
    LP_TRY(log, log_of_arguments(command_line));
  }
  if (log.addresses.empty())
    return fail("standard input", "has no address that lambdapack understands", hint_without_addresses(text));
  LP_TRY(DebugSource source, DebugSource::open(command_line.debug_source));
  const bool unclear = std::ranges::any_of(log.addresses, [](const LogAddress& each) { return each.module.empty(); });
  if (!command_line.addresses.empty() && unclear && source.files().size() > 1)
    return fail(printable(command_line.debug_source), fmt::format("holds {} files", source.files().size()),
                "say which one the address is in: --file lib/libfoo.so, or libfoo.so+0x1234");

  std::vector<Result<std::size_t>> files;
  std::set<std::size_t> wanted;
  bool some_unknown = false, some_unplaced = false;
  for (const LogAddress& address : log.addresses) {
    const LogMap* const map = address.kind == AddressKind::absolute ? map_of(log, address.value) : nullptr;
    files.push_back(source.find(address, map != nullptr ? std::string_view(map->path) : address.module));
    if (files.back())
      wanted.insert(*files.back());
    else
      some_unknown = some_unknown || (map == nullptr && address.module.empty());
    some_unplaced = some_unplaced || (map == nullptr && address.kind == AddressKind::absolute);
  }
  if (some_unknown)
    for (std::size_t i = 0; i < source.files().size(); ++i) wanted.insert(i);
  LP_CHECK(source.load(wanted));
  if (some_unplaced) {
    add_guessed_map(log, source);
    for (std::size_t i = 0; i < log.addresses.size(); ++i)
      if (const LogMap* const map = files[i] ? nullptr : map_of(log, log.addresses[i].value))
        files[i] = source.find(log.addresses[i], map->path);
  }

  std::vector<ResolvedAddress> resolved;
  for (std::size_t i = 0; i < log.addresses.size(); ++i) {
    const LogAddress& address = log.addresses[i];
    if (!files[i] && address.kind == AddressKind::absolute && address.module.empty() &&
        map_of(log, address.value) == nullptr) {
      if (const auto owner = fixed_owner(source, address.value))
        files[i] = *owner;
      else
        files[i] = fail({},
                        "an address in memory: add the process's /proc/PID/maps to the log, or the address "
                        "relative to its file");
    }
    resolved.push_back(resolve(log, address, files[i], source, !command_line.no_adjust));
  }
  RunResult result;
  for (const Error& trouble : source.troubles()) result.err += "lambdapack: " + to_string(trouble) + "\n";
  result.out =
      command_line.format == Format::json ? render_symbols_json(resolved) : render_symbols_text(log.lines, resolved);
  return result;
}

}  // namespace lambdapack
