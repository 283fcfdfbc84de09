// Many needles, one pass over hundreds of MB: most positions must be dismissed without being looked at.
//
// A needle of n bytes contains, wherever it lies, a window of q bytes that starts at a multiple of n - q + 1. So only
// every (n - q + 1)-th position is looked at, and the needle is registered with that many neighbouring windows. A
// window that a small table does not know ends the matter; else the needles of that window are compared. There are
// three tiers, by length: needles from 7 bytes on, which most are, cost one look per four bytes, shorter ones one per
// two; and where all of the former have at least 11 bytes, one per eight.
//
// Which part of a needle is registered decides the speed: "lib", ".so." and "python" are everywhere in what is
// searched.
#include "base/find_strings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <mutex>
#include <unordered_map>

namespace lambdapack {
namespace {

struct Candidate {
  std::uint32_t needle = 0;
  std::uint32_t offset = 0;  // of the window in the needle
  std::uint32_t head = 0;    // the needle's first 4 bytes, or the 3 it has
  std::uint32_t mask = 0;    // 0xFFFFFFFF, or 0x00FFFFFF
};

std::uint32_t load(const std::uint8_t* bytes, std::size_t count) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, count);
  return value;
}

std::uint32_t scatter(std::uint32_t window) {
  return window * 0x9E3779B1u;
}

// How usual a window is in what is searched: text that half of all needles share, and text that every ELF file is full
// of.
std::uint32_t usualness(std::string_view window) {
  constexpr std::array<std::string_view, 18> usual = {"lib", ".so", "so.", ".py", "pyt", "tho", "ing", "ion", "std",
                                                      "ate", "str", "get", "set", "GLI", "IBC", "_in", "ini", "x86"};
  std::uint32_t score = 0;
  for (const std::string_view part : usual) score += window.find(part) != std::string_view::npos ? 20 : 0;
  // Letters from the most usual to the least: what decides between pairs.
  constexpr std::string_view letters = "etaionsrlcdpumhgf_.bvywkxjqz";
  for (const char c : window)
    if (const std::size_t rank = letters.find(c); rank != std::string_view::npos)
      score += static_cast<std::uint32_t>((letters.size() - rank) / 2);
  // Runs of one byte are padding.
  if (window.find_first_not_of(window.front()) == std::string_view::npos) score += 200;
  return score;
}

// The needles of one range of lengths.
class Tier {
 public:
  Tier(std::size_t shortest, std::size_t window, std::size_t stride)
      : shortest_(shortest), window_(window), stride_(stride) {}

  void add(const std::vector<std::string>& needles, const std::vector<std::uint32_t>& members) {
    if (members.empty()) return;
    std::unordered_map<std::uint32_t, std::uint32_t> shared;
    for (const std::uint32_t n : members)
      for (std::size_t i = 0; i + window_ <= needles[n].size(); ++i) ++shared[at(needles[n], i)];

    std::vector<std::pair<std::uint32_t, Candidate>> entries;
    for (const std::uint32_t n : members) {
      const std::size_t start = rarest_part(needles[n], shared);
      for (std::size_t i = start; i < start + stride_; ++i)
        entries.push_back({at(needles[n], i), candidate(needles[n], n, i)});
    }
    index(entries);
  }

  bool empty() const { return candidates_.empty(); }

  // Calls verify(candidate, position of the window) for every known window. Q and Stride repeat window_ and stride_, so
  // that the loop is compiled for them.
  template <std::size_t Q, std::size_t Stride, class Verify>
  void scan(Bytes haystack, Verify&& verify) const {
    if (empty() || haystack.size() < Q) return;
    const std::uint8_t* const data = haystack.data();
    const std::uint8_t* const table = known_.data();
    const int shift = place_shift_;
    const auto kinds_at = [&](std::size_t p) { return table[place<Q>(load(data + p, Q), shift)]; };
    const auto look_at = [&](std::size_t p) {
      const std::uint32_t window = load(data + p, Q);
      if ((table[place<Q>(window, shift)] & kind(window)) != 0) look_up(window, p, verify);
    };

    const std::size_t last = haystack.size() - Q;  // last position with a whole window
    constexpr std::size_t group = 8;
    std::size_t p = 0;
    for (; p + Stride * (group - 1) <= last; p += Stride * group) {
      std::uint8_t any = 0;
      for (std::size_t k = 0; k < group; ++k) any |= kinds_at(p + k * Stride);
      if (any == 0) continue;
      for (std::size_t k = 0; k < group; ++k) look_at(p + k * Stride);
    }
    for (; p <= last; p += Stride) look_at(p);
  }

 private:
  // Where a window is noted in known_: as constants, since this is computed for every position.
  template <std::size_t Q>
  static std::uint32_t place(std::uint32_t window, int shift) {
    if constexpr (Q == 2) return window;
    return scatter(window) >> shift;
  }

  // One bit out of eight: tells most windows apart that share a place.
  static std::uint8_t kind(std::uint32_t window) {
    return static_cast<std::uint8_t>(1u << (scatter(window) >> 13 & 7));
  }

  static Candidate candidate(std::string_view needle, std::uint32_t index, std::size_t offset) {
    const std::size_t count = std::min<std::size_t>(4, needle.size());
    return {index, static_cast<std::uint32_t>(offset), load(as_bytes(needle).data(), count),
            count == 4 ? 0xFFFFFFFFu : 0x00FFFFFFu};
  }

  std::uint32_t at(std::string_view needle, std::size_t offset) const {
    return load(as_bytes(needle).data() + offset, window_);
  }

  // Where the part of shortest_ bytes starts whose windows are met least.
  std::size_t rarest_part(std::string_view needle,
                          const std::unordered_map<std::uint32_t, std::uint32_t>& shared) const {
    std::size_t best = 0;
    std::uint32_t best_score = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t start = 0; start + shortest_ <= needle.size(); ++start) {
      std::uint32_t score = 0;
      for (std::size_t i = start; i < start + stride_; ++i)
        score += shared.at(at(needle, i)) - 1 + usualness(needle.substr(i, window_));
      if (score < best_score) {
        best = start;
        best_score = score;
      }
    }
    return best;
  }

  void index(std::vector<std::pair<std::uint32_t, Candidate>>& entries) {
    std::ranges::sort(entries, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second.needle < b.second.needle;
    });
    // 4 to 64 KB: stays near the processor.
    if (window_ == 4) place_shift_ = 32 - std::clamp(static_cast<int>(std::bit_width(entries.size())) + 6, 12, 16);
    known_.assign(window_ == 4 ? 1U << (32 - place_shift_) : 1U << 16, 0);
    const std::size_t slots = std::bit_ceil(entries.size() * 2 + 1);
    slot_shift_ = 32 - std::countr_zero(slots);
    slots_.assign(slots, Slot{});
    for (std::size_t i = 0; i < entries.size();) {
      const std::uint32_t window = entries[i].first;
      Slot slot{window, static_cast<std::uint32_t>(candidates_.size()), 0};
      for (; i < entries.size() && entries[i].first == window; ++i, ++slot.count)
        candidates_.push_back(entries[i].second);
      known_[window_ == 2 ? place<2>(window, place_shift_) : place<4>(window, place_shift_)] |= kind(window);
      std::size_t s = scatter(window) >> slot_shift_;
      while (slots_[s].count != 0) s = (s + 1) % slots_.size();
      slots_[s] = slot;
    }
  }

  template <class Verify>
  void look_up(std::uint32_t window, std::size_t position, Verify& verify) const {
    for (std::size_t s = scatter(window) >> slot_shift_; slots_[s].count != 0; s = (s + 1) % slots_.size()) {
      if (slots_[s].window != window) continue;
      for (std::uint32_t i = 0; i < slots_[s].count; ++i) verify(candidates_[slots_[s].first + i], position);
      return;
    }
  }

  struct Slot {
    std::uint32_t window = 0, first = 0, count = 0;  // count 0: free
  };
  std::size_t shortest_, window_, stride_;
  int slot_shift_ = 32, place_shift_ = 16;
  std::vector<std::uint8_t> known_;  // by place: the kinds of the windows that needles have there
  std::vector<Slot> slots_;          // open addressing
  std::vector<Candidate> candidates_;
};

// UTF-16LE; bytes that are no UTF-8 are taken as Latin-1, so that such a needle is merely not found.
std::string to_utf16(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
    std::uint32_t c = byte(i);
    const std::size_t length = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (length > 1 && is_utf8(text.substr(i, length)) && i + length <= text.size()) {
      c &= 0xFFu >> (length + 1);
      for (std::size_t k = 1; k < length; ++k) c = c << 6 | (byte(i + k) & 0x3Fu);
      i += length - 1;
    }
    const auto add = [&](std::uint32_t unit) {
      result += static_cast<char>(unit & 0xFF);
      result += static_cast<char>(unit >> 8);
    };
    if (c < 0x10000) {
      add(c);
    } else {
      add(0xD800 + ((c - 0x10000) >> 10));
      add(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return result;
}

class Matcher {
 public:
  explicit Matcher(std::vector<std::string> needles) : needles_(std::move(needles)) {
    std::array<std::vector<std::uint32_t>, 3> members;
    const bool medium =
        std::ranges::any_of(needles_, [](const std::string& n) { return n.size() > 6 && n.size() < 11; });
    for (std::uint32_t n = 0; n < needles_.size(); ++n) {
      const std::size_t length = needles_[n].size();
      if (length < 3) continue;
      members[length >= 11 && !medium ? 0 : length >= 7 ? 1 : 2].push_back(n);
    }
    for (std::size_t t = 0; t < tiers_.size(); ++t) tiers_[t].add(needles_, members[t]);
  }

  void find_in(Bytes haystack, std::vector<bool>& found) const {
    const auto verify = [&](const Candidate& candidate, std::size_t position) {
      if (position < candidate.offset) return;
      const std::size_t start = position - candidate.offset;
      // Most fail here, without a look at the needle itself.
      if (haystack.size() - start >= 4 && (load(haystack.data() + start, 4) & candidate.mask) != candidate.head) return;
      const std::string& needle = needles_[candidate.needle];
      if (!found[candidate.needle] && haystack.size() - start >= needle.size() &&
          std::memcmp(haystack.data() + start, needle.data(), needle.size()) == 0)
        found[candidate.needle] = true;
    };
    // In pieces that stay in the cache while every tier reads them: memory is read once.
    constexpr std::size_t piece = 1 << 16;
    for (std::size_t start = 0; start < haystack.size(); start += piece) {
      // Windows that begin in this piece; a multiple of every stride, so positions continue seamlessly.
      const auto windows = [&](std::size_t q) {
        return haystack.subspan(start, std::min(piece + q - 1, haystack.size() - start));
      };
      const auto from = [&](const Candidate& candidate, std::size_t position) { verify(candidate, start + position); };
      tiers_[0].scan<4, 8>(windows(4), from);
      tiers_[1].scan<4, 4>(windows(4), from);
      tiers_[2].scan<2, 2>(windows(2), from);
    }
  }

 private:
  std::vector<std::string> needles_;
  std::array<Tier, 3> tiers_ = {Tier(11, 4, 8), Tier(7, 4, 4), Tier(3, 2, 2)};
};

}  // namespace

struct StringSet::Tables {
  std::vector<std::string> needles;
  Matcher narrow;
  mutable std::once_flag wide_once;  // few packages hold .NET assemblies
  mutable std::unique_ptr<Matcher> wide;

  explicit Tables(std::vector<std::string> all) : needles(std::move(all)), narrow(needles) {}
};

StringSet::StringSet(std::vector<std::string> needles) : tables_(std::make_unique<Tables>(std::move(needles))) {}
StringSet::StringSet(StringSet&&) noexcept = default;
StringSet::~StringSet() = default;

std::vector<std::size_t> StringSet::find_in(Bytes haystack, bool utf16) const {
  std::vector<bool> found(tables_->needles.size());
  tables_->narrow.find_in(haystack, found);
  if (utf16) {
    std::call_once(tables_->wide_once, [&] {
      std::vector<std::string> wide;
      for (const std::string& needle : tables_->needles)
        wide.push_back(needle.size() < 3 ? std::string() : to_utf16(needle));
      tables_->wide = std::make_unique<Matcher>(std::move(wide));
    });
    tables_->wide->find_in(haystack, found);
  }
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i]) indices.push_back(i);
  return indices;
}

}  // namespace lambdapack
