// The estimate keeps its promise: the size is within the error it states.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "package/write_package.h"

namespace lambdapack {
namespace {

PackageFile regular(std::string path, std::string_view text) {
  PackageFile file;
  file.path = std::move(path);
  file.content = Content::from_text(text);
  return file;
}

// Text with the redundancy of the wanted alphabet: from hardly to well compressible.
std::string noise(std::mt19937& random, std::size_t size, unsigned letters) {
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>(random() % letters);
  return text;
}

Package mixed(unsigned seed) {
  std::mt19937 random(seed);
  Package package;
  for (int i = 0; i < 40; ++i)
    package.files.push_back(regular("a" + std::to_string(100 + i) + ".py", noise(random, 100 + random() % 20'000, 20)));
  for (int i = 0; i < 5; ++i) {
    std::string text;
    for (int part = 0; part < 10; ++part) text += noise(random, 40'000, 2 + random() % 200);
    package.files.push_back(regular("lib" + std::to_string(i) + ".so", text));
  }
  package.files.push_back(regular("z.png", noise(random, 300'000, 256)));
  return package;
}

}  // namespace

TEST_CASE("a package that fits into the sample is exact, headers included") {
  const Package package = mixed(1);
  for (const Level level : {Level::fast, Level::normal}) {
    const ZipEstimate estimate = estimate_zip(package, {.level = level}, 100'000'000).value();
    CHECK(estimate.error == 0);
    CHECK(estimate.bytes == make_zip(package, {.level = level}).value().written.zip_bytes);
  }
  CHECK(estimate_zip({}, {}, 1000).value().bytes == 22);
}

TEST_CASE("the size lies within the stated error in at least nine of ten packages, and the error is of use") {
  int inside = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Package package = mixed(seed);
    const double exact = static_cast<double>(make_zip(package, {.level = Level::fast}).value().written.zip_bytes);
    const ZipEstimate estimate = estimate_zip(package, {.level = Level::fast}, 600'000).value();
    CHECK(estimate.error < 0.3);
    if (std::abs(static_cast<double>(estimate.bytes) - exact) <= estimate.error * static_cast<double>(estimate.bytes))
      ++inside;
  }
  CHECK(inside >= 18);
}

TEST_CASE("the estimate is the same for any number of threads") {
  const Package package = mixed(7);
  const ZipEstimate one = estimate_zip(package, {.threads = 1}, 300'000).value();
  for (const unsigned threads : {2u, 8u}) {
    const ZipEstimate more = estimate_zip(package, {.threads = threads}, 300'000).value();
    CHECK(more.bytes == one.bytes);
    CHECK(more.error == one.error);
  }
}

}  // namespace lambdapack
