// Names are known by every 5 bytes they have; a piece is looked up by its last 5 and its first 5, and the rest
// compared.
#include "plan/cut_names.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "plan/name_patterns.h"

namespace lambdapack {
namespace {

constexpr std::size_t kGram = 5;   // bytes
constexpr std::size_t kShort = 4;  // bytes of a MOV m32, imm32
constexpr std::size_t kConstant = 16;
constexpr std::size_t kFewestTelling = 3;

// How many bytes of name[offset, offset + length) tell it from other libraries.
std::size_t telling(std::string_view name, std::size_t offset, std::size_t length) {
  const std::size_t first = name.starts_with("lib") ? 3 : 0, last = std::min(name.find(".so"), name.size());
  std::size_t count = 0;
  for (std::size_t i = std::max(offset, first); i < std::min(offset + length, last); ++i)
    count += is_letter_or_digit(name[i]) ? 1 : 0;
  return count;
}

// Shorter than a gram: with its zeros, which no name has.
std::uint64_t to_number(std::string_view bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), kGram));
  return number;
}

std::size_t place(std::uint64_t gram) {
  return gram * 0x9E3779B97F4A7C15ULL >> 48;
}

constexpr std::uint64_t eight(std::uint64_t byte) {
  return byte * 0x0101010101010101ULL;
}

// Whether the constant may be text: no byte is below a space or above 127. DEL passes.
bool may_be_text(std::string_view constant) {
  std::uint64_t first = 0, second = 0;
  std::memcpy(&first, constant.data(), sizeof first);
  std::memcpy(&second, constant.data() + sizeof first, sizeof second);
  const std::uint64_t high = first | second;
  const std::uint64_t low = ((first - eight(0x20)) & ~first) | ((second - eight(0x20)) & ~second);
  return ((high | low) & eight(0x80)) == 0;
}

}  // namespace

CutNames::CutNames(std::vector<std::string> names) : names_(std::move(names)), known_(1 << 16) {
  for (std::uint32_t n = 0; n < names_.size(); ++n) {
    const std::string_view name = names_[n];
    if (name.ends_with(".a")) continue;  // nothing opens one by a name that it makes
    const std::size_t fewest = std::clamp<std::size_t>(telling(name, 0, name.size()), 1, kFewestTelling);
    for (std::uint32_t at = 0; at + kGram <= name.size(); ++at)
      if (telling(name, at, kGram) >= fewest) grams_.push_back({to_number(name.substr(at, kGram)), n, at});
    if (telling(name, 0, kShort) == kShort) grams_.push_back({to_number(name.substr(0, kShort)), n, 0});
  }
  std::ranges::sort(grams_);
  for (const Gram& gram : grams_) known_[place(gram.bytes)] = 1;
}

// Which names are found; all of them when it takes too long to tell, for then they are kept.
class CutNames::Search {
 public:
  explicit Search(const CutNames& names) : names_(names), found_(names.names_.size()) {}

  void look_at(const MoveText& move, const MoveText* before) {
    // "libqux%s": what is filled in ends the piece.
    const std::string_view piece = std::string_view(move.text).substr(0, move.text.find_first_of("%{"));
    const std::string_view previous = before == nullptr ? std::string_view() : before->text;
    if (!previous.empty()) add_across(previous, move.text);
    if (piece.size() >= kGram) {
      add_ending(piece, move.ends_string, previous);
      add_beginning(piece, move.ends_string, previous);
    } else if (move.text.size() == kShort) {
      at_gram(move.text, [](std::string_view, std::size_t) { return true; });
    }
  }

  // next: the byte behind the constant. Where the text goes on as the name does it is a string like others, which is
  // searched for as a whole.
  void look_at_constant(std::string_view constant, char next) {
    at_gram(constant.substr(kConstant - kGram), [&](std::string_view name, std::size_t offset) {
      const std::string_view start = name.substr(0, offset + kGram);
      const bool goes_on = start.size() == name.size() || next == name[start.size()];
      return !goes_on && (constant.ends_with(start) || start.ends_with(constant));
    });
  }

  std::vector<std::size_t> found() const {
    std::vector<std::size_t> positions;
    for (std::size_t name = 0; name < found_.size(); ++name)
      if (left_ == 0 || found_[name] != 0) positions.push_back(name);
    return positions;
  }

 private:
  // is(name, where the name has the bytes)
  template <class Is>
  void at_gram(std::string_view bytes, const Is& is) {
    const std::uint64_t wanted = to_number(bytes);
    if (names_.known_[place(wanted)] == 0) return;
    for (auto gram = std::ranges::lower_bound(names_.grams_, wanted, {}, &Gram::bytes);
         gram != names_.grams_.end() && gram->bytes == wanted && left_ > 0; ++gram, --left_)
      if (found_[gram->name] == 0 && is(std::string_view(names_.names_[gram->name]), gram->offset))
        found_[gram->name] = 1;
  }

  // Whether what a name has before the offset can end in the piece before: its last bytes are there, and perhaps some
  // that overlap.
  static bool goes_on(std::string_view previous, std::string_view name, std::size_t offset) {
    if (offset == 0) return true;
    if (previous.empty()) return false;
    const std::string_view end = previous.substr(previous.size() - std::min<std::size_t>(2, previous.size()));
    const std::size_t at = name.find(end.substr(end.size() - std::min(end.size(), offset)));
    return at != std::string_view::npos && at < offset + 2 * kGram;
  }

  // The piece ends within the name, or, where it ends the string, with it.
  void add_ending(std::string_view piece, bool ends_string, std::string_view previous) {
    at_gram(piece.substr(piece.size() - kGram), [&](std::string_view name, std::size_t offset) {
      const std::string_view start = name.substr(0, offset + kGram);
      if (ends_string && start.size() < name.size()) return false;
      return piece.ends_with(start) || (start.ends_with(piece) && goes_on(previous, name, start.size() - piece.size()));
    });
  }

  // The name ends within the piece, or the piece is within the name.
  void add_beginning(std::string_view piece, bool ends_string, std::string_view previous) {
    at_gram(piece.substr(0, kGram), [&](std::string_view name, std::size_t offset) {
      const std::string_view rest = name.substr(offset);
      return (piece.starts_with(rest) || (!ends_string && rest.starts_with(piece))) && goes_on(previous, name, offset);
    });
  }

  // The name goes on from one piece to the next.
  void add_across(std::string_view first, std::string_view second) {
    std::string bytes(first.substr(first.size() - std::min(first.size(), kGram - 1)));
    bytes += second.substr(0, kGram - 1);
    for (std::size_t at = 0; at + kGram <= bytes.size(); ++at)
      at_gram(std::string_view(bytes).substr(at, kGram), [](std::string_view, std::size_t) { return true; });
  }

  const CutNames& names_;
  std::vector<char> found_;         // by name
  std::uint64_t left_ = 100 << 20;  // comparisons; real files need some thousands
};

std::vector<std::size_t> CutNames::find_in(const std::vector<MoveText>& moves) const {
  Search search(*this);
  for (std::size_t i = 0; i < moves.size(); ++i)
    search.look_at(moves[i], moves[i].neighbours && !moves[i - 1].ends_string ? &moves[i - 1] : nullptr);
  return search.found();
}

std::vector<std::size_t> CutNames::find_in_constants(Bytes data, std::uint64_t offset) const {
  Search search(*this);
  const std::string_view text = as_text(data);
  for (std::size_t at = (kConstant - offset % kConstant) % kConstant; at + kConstant <= text.size(); at += kConstant) {
    const std::string_view constant = text.substr(at, kConstant);
    if (!may_be_text(constant)) continue;
    search.look_at_constant(constant, at + kConstant < text.size() ? text[at + kConstant] : '\0');
  }
  return search.found();
}

}  // namespace lambdapack
