#include "base/limited_child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>

#include "base/message.h"

using namespace lambdapack;

namespace {

using Answer = std::vector<std::uint8_t>;

Answer bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

LimitedChild start(const LimitedChild::Serve& serve, const ChildLimits& limits = {}) {
  auto child = LimitedChild::start(serve, limits);
  REQUIRE(child);
  return *std::move(child);
}

// What the child did when asked once.
std::string fate(const LimitedChild::Serve& serve, const ChildLimits& limits = {}) {
  LimitedChild child = start(serve, limits);
  const auto answer = child.ask(as_bytes("?"));
  REQUIRE(!answer);
  CHECK(!child.alive());
  const auto again = child.ask(as_bytes("?"));
  REQUIRE(!again);
  CHECK(again.error().message == answer.error().message);
  return answer.error().message;
}

}  // namespace

TEST_CASE("a child answers question after question, and keeps what it has learned") {
  LimitedChild child = start([said = std::string()](Bytes question) mutable {
    said += as_text(question);
    return bytes(said);
  });
  CHECK(child.ask(as_bytes("a")).value() == bytes("a"));
  CHECK(child.ask(as_bytes("")).value() == bytes("a"));
  const std::string large(3 << 20, 'b');
  CHECK(child.ask(as_bytes(large)).value() == bytes("a" + large));
}

TEST_CASE("two children do not disturb each other, whichever dies first") {
  LimitedChild first = start([](Bytes) -> Answer { return bytes("first"); });
  {
    LimitedChild second = start([](Bytes) -> Answer { raise(SIGKILL), _exit(1); });
    CHECK(!second.ask({}));
  }
  CHECK(first.ask({}).value() == bytes("first"));
}

TEST_CASE("a child that crashes is only its own loss, and its signal is named") {
  CHECK(fate([](Bytes) -> Answer {
          std::signal(SIGSEGV, SIG_DFL);
          raise(SIGSEGV);
          return {};
        }) == "crashed (SIGSEGV)");
  CHECK(fate([](Bytes) -> Answer { _exit(7); }) == "ended by itself (exit status 7)");
  CHECK(fate([](Bytes) -> Answer { throw std::length_error("too long"); }) == "ended by itself (exit status 102)");
}

TEST_CASE("a child has no more memory, processor time and wall clock than it was given") {
  if (LimitedChild::limits_memory())
    CHECK(fate([](Bytes) -> Answer { return Answer(1ULL << 30); }, {.memory = 64 << 20}) ==
          "needed more than 64.0 MB of memory");
  CHECK(fate(
            [](Bytes) -> Answer {
              while (true)
                if (getppid() == 0) return {};
            },
            {.cpu_seconds = 1}) == "needed more than 1 s of processor time");
  CHECK(fate(
            [](Bytes) -> Answer {
              pause();
              return {};
            },
            {.wall_seconds = 1}) == "gave no answer within 1 s");
}

TEST_CASE("a child can neither open a file nor write into one that is open") {
  const int file = open(".", O_RDONLY);
  REQUIRE(file >= 0);
  LimitedChild child = start([file](Bytes) {
    MessageWriter writer;
    writer.number(open("/dev/null", O_RDONLY));
    writer.number(errno);
    writer.number(fcntl(file, F_GETFD));
    return writer.take();
  });
  const auto answer = child.ask({});
  close(file);
  REQUIRE(answer);
  MessageReader reader(*answer);
  CHECK(reader.number<int>() == -1);
  CHECK(reader.number<int>() == EMFILE);
  CHECK(reader.number<int>() == -1);
  CHECK(reader.sound_end());
}

TEST_CASE("an answer that is longer than agreed is not read") {
  CHECK(fate([](Bytes) { return Answer(1001); }, {.answer = 1000}) == "gave an answer of 1001 bytes");
}

TEST_CASE("a message that is cut reads as nothing and is not sound") {
  MessageWriter writer;
  writer.text("name");
  writer.number(std::uint64_t{7});
  const Answer whole = writer.take();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    MessageReader reader(Bytes(whole).first(size));
    const std::string text = reader.text();
    const auto number = reader.number<std::uint64_t>();
    CHECK(reader.sound_end() == (size == whole.size()));
    CHECK(text == (size >= 8 ? "name" : ""));
    CHECK(number == (size == whole.size() ? 7 : 0));
  }
}
