// SHA-256 through libcrypto, which uses the processor's SHA instructions where there are some; SipHash through it too.
#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <string_view>

namespace lambdapack {
namespace {

// libcrypto's hashes fail only when there is no memory, or when the installation is broken: nothing a caller could
// repair, and a wrong hash would be worse than none.
void must_succeed(bool success) {
  if (!success) std::abort();
}

// A library context of its own: the machine's configuration may allow FIPS algorithms alone, and SipHash is none.
struct SipAlgorithm {
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  EVP_MAC* mac = EVP_MAC_fetch(context, "SIPHASH", nullptr);
  SipAlgorithm() { must_succeed(mac != nullptr); }
  ~SipAlgorithm() {
    EVP_MAC_free(mac);
    OSSL_LIB_CTX_free(context);
  }
  SipAlgorithm(const SipAlgorithm&) = delete;
  SipAlgorithm& operator=(const SipAlgorithm&) = delete;
};

}  // namespace

struct Sha256Stream::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {
  must_succeed(context_->evp != nullptr && EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::add(Bytes bytes) {
  must_succeed(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Stream::finish() {
  Sha256 digest{};
  must_succeed(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) == 1);
  return digest;
}

Sha256 sha256(Bytes bytes) {
  Sha256Stream stream;
  stream.add(bytes);
  return stream.finish();
}

SipHash siphash(Bytes bytes, SipKey key, SipRounds rounds) {
  static const SipAlgorithm algorithm;
  std::array<std::uint8_t, 16> key_bytes{};
  for (unsigned i = 0; i < 16; ++i)
    key_bytes[i] = static_cast<std::uint8_t>((i < 8 ? key.low : key.high) >> (i % 8 * 8));
  SipHash hash{};
  std::size_t size = hash.size();
  const std::array<OSSL_PARAM, 4> parameters = {
      OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
      OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &rounds.compression),
      OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &rounds.finalization), OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> mac(EVP_MAC_CTX_new(algorithm.mac), EVP_MAC_CTX_free);
  must_succeed(mac != nullptr && EVP_MAC_init(mac.get(), key_bytes.data(), key_bytes.size(), parameters.data()) == 1 &&
               EVP_MAC_update(mac.get(), bytes.data(), bytes.size()) == 1 &&
               EVP_MAC_final(mac.get(), hash.data(), &size, hash.size()) == 1);
  return hash;
}

std::string to_hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string to_base64(Bytes bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? bytes[i + j] : 0u);
    for (std::size_t j = 0; j < 4; ++j) text += j <= count ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

}  // namespace lambdapack
