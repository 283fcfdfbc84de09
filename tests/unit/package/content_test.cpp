// Handles of bytes: late, shared, and honest about files that changed.
#include "package/content.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "base/parallel.h"
#include "package/temporary_folder.h"

namespace lambdapack {
namespace {

std::string text_of(const Content& content) {
  return std::string(as_text(content.read().value()));
}

}  // namespace

TEST_CASE("small and large files give their bytes, whole, from the head and from the middle") {
  const test::TemporaryFolder folder;
  for (const std::size_t size : {0, 1, 65535, 65536, 200'000}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
    const Content content = Content::from_file(folder.write("f", text), size);
    CHECK(content.size() == size);
    CHECK(as_text(content.head(4).value()) == text.substr(0, 4));
    CHECK(as_text(content.slice(size / 2, 100).value()) == text.substr(size / 2, 100));
    CHECK(content.slice(size + 1, 1).value().empty());
    CHECK(text_of(content) == text);
    CHECK(as_text(content.slice(size / 2, 100).value()) == text.substr(size / 2, 100));
    content.release();
    CHECK(text_of(content) == text);
  }
}

TEST_CASE("a file that changed its length, vanished, or became a link or a folder is an error, not other bytes") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("f", "12345");
  CHECK_FALSE(Content::from_file(path, 4).read().has_value());
  CHECK_FALSE(Content::from_file(path, 6).read().has_value());
  CHECK_FALSE(Content::from_file(path, 6).head(6).has_value());
  CHECK_FALSE(Content::from_file(folder / "none", 1).read().has_value());
  CHECK_FALSE(Content::from_file(folder.path(), 4096).read().has_value());
  std::filesystem::create_symlink(path, folder / "link");
  CHECK_FALSE(Content::from_file(folder / "link", 5).read().has_value());
}

TEST_CASE("a file that changes between two looks is an error, or read anew, and never other bytes than it has") {
  const test::TemporaryFolder folder;
  for (const std::size_t size : {5, 100'000}) {
    const std::string before(size, 'a'), after(size, 'b');
    const Content content = Content::from_file(folder.write("f", before), size);
    CHECK(text_of(content) == before);
    content.release();
    content.release();
    CHECK(text_of(content) == before);
    content.release();
    const std::string path = folder.write("f", after);
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) + std::chrono::seconds(1));
    CHECK(text_of(content) == after);
    CHECK(as_text(content.slice(size - 1, 1).value()) == "b");
    content.release();
    folder.write("f", after.substr(1));
    CHECK_FALSE(content.read().has_value());
  }
}

TEST_CASE("owned bytes outlive the handle they came from, and release keeps them") {
  Content copy;
  CHECK(text_of(copy).empty());
  {
    const Content content = Content::from_text("abc");
    copy = content;
  }
  copy.release();
  CHECK(text_of(copy) == "abc");
  CHECK(as_text(copy.slice(1, 9).value()) == "bc");
}

TEST_CASE("many threads may read one handle at the same time") {
  const test::TemporaryFolder folder;
  const std::string text(100'000, 'q');
  const Content content = Content::from_file(folder.write("f", text), text.size());
  std::vector<std::size_t> sizes(64);
  parallel_for(sizes.size(), 8, [&](std::size_t i) { sizes[i] = Content(content).read().value().size(); });
  CHECK(sizes == std::vector<std::size_t>(64, text.size()));
}

}  // namespace lambdapack
