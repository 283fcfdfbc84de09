// Reads the constant pool of a class file (The Java Virtual Machine Specification, 4.4); see java_class.h.
#include "languages/java_class.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace lambdapack {
namespace {

using std::string_view;

// Packages and classes whose use means that names of libraries are passed on to dlopen.
constexpr auto kLoaders = std::to_array<string_view>({
    "com/sun/jna/",
    "java/lang/foreign/SymbolLookup",
    "jdk/incubator/foreign/",
    "jnr/ffi/",
    "org/bytedeco/javacpp/Loader",
});

struct Constant {
  std::uint8_t tag = 0;
  std::uint16_t first = 0, second = 0;  // indices of other constants
  string_view text;                     // CONSTANT_Utf8
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}
  bool failed() const { return failed_; }

  std::uint8_t u1() {
    if (at_ >= bytes_.size()) {
      failed_ = true;
      return 0;
    }
    return bytes_[at_++];
  }
  std::uint16_t u2() {
    const unsigned high = u1();
    return static_cast<std::uint16_t>(high << 8 | u1());
  }
  string_view text(std::size_t length) {
    if (length > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    at_ += length;
    return as_text(bytes_.subspan(at_ - length, length));
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// Index 0 is not used. Nothing when the pool is damaged.
std::optional<std::vector<Constant>> read_constants(Reader& reader) {
  const std::uint16_t count = reader.u2();
  std::vector<Constant> constants(std::max<std::uint16_t>(count, 1));
  for (std::size_t i = 1; i < count; ++i) {
    Constant& constant = constants[i];
    constant.tag = reader.u1();
    switch (constant.tag) {
      case 1: constant.text = reader.text(reader.u2()); break;
      case 3:
      case 4: reader.text(4); break;  // Integer, Float
      case 5:
      case 6:  // Long, Double: take two indices
        reader.text(8);
        ++i;
        break;
      case 7:
      case 8:
      case 16:
      case 19:
      case 20: constant.first = reader.u2(); break;  // Class, String, MethodType, Module, Package
      case 9:
      case 10:
      case 11:
      case 12:
      case 17:
      case 18:  // Fieldref, Methodref, InterfaceMethodref, NameAndType, Dynamic, InvokeDynamic
        constant.first = reader.u2();
        constant.second = reader.u2();
        break;
      case 15: reader.text(3); break;  // MethodHandle
      default: return std::nullopt;
    }
    if (reader.failed()) return std::nullopt;
  }
  return constants;
}

string_view text_of(const std::vector<Constant>& constants, std::size_t index) {
  return index < constants.size() ? constants[index].text : string_view();
}

Constant at(const std::vector<Constant>& constants, std::size_t index) {
  return index < constants.size() ? constants[index] : Constant();
}

bool calls_load(const std::vector<Constant>& constants, const Constant& method) {
  if (method.tag != 10) return false;
  const string_view owner = text_of(constants, at(constants, method.first).first);
  if (owner != "java/lang/System" && owner != "java/lang/Runtime") return false;
  const string_view name = text_of(constants, at(constants, method.second).first);
  return name == "load" || name == "loadLibrary";
}

}  // namespace

bool opens_native_libraries(Bytes class_file) {
  Reader reader(class_file);
  if (reader.u2() != 0xcafe || reader.u2() != 0xbabe) return false;
  reader.text(4);  // minor and major version
  const auto constants = read_constants(reader);
  if (!constants) return true;
  return std::ranges::any_of(*constants, [&](const Constant& constant) {
    return calls_load(*constants, constant) ||
           std::ranges::any_of(kLoaders, [&](string_view loader) { return constant.text.starts_with(loader); });
  });
}

}  // namespace lambdapack
