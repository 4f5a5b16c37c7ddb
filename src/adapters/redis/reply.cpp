#include "redis/reply.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace edda::redis {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t line_bytes_max = 4096;
constexpr std::int64_t text_bytes_max = 1024 * 1024;
constexpr std::int64_t items_max = 1024;
constexpr int depth_max = 4;

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Errc::corrupt, fmt::format("the Redis server's reply {}", what));
}

class Parser {
 public:
  explicit Parser(std::string_view input) : input_(input) {}

  Result<std::optional<Parsed>> parse() {
    TRY(auto reply, one(0));
    if (!reply) return std::nullopt;
    return Parsed{*std::move(reply), at_};
  }

 private:
  using Part = Result<std::optional<Reply>>;

  Part one(int depth) {
    if (at_ == input_.size()) return std::nullopt;
    const char kind = input_[at_];
    TRY(const auto line, rest_of_line());
    if (!line) return std::nullopt;
    switch (kind) {
      case '+': return Reply{.kind = Reply::Kind::text, .text = std::string(*line)};
      case '-': return Reply{.kind = Reply::Kind::error, .text = std::string(*line)};
      case ':': return integer(*line);
      case '$': return text(*line);
      case '*': return list(*line, depth);
      default: return wrong("begins with a byte that means nothing");
    }
  }

  /// What stands between the byte at hand and the end of its line; both are passed.
  Result<std::optional<std::string_view>> rest_of_line() {
    const auto end = input_.find(line_end, at_);
    if (end == std::string_view::npos) {
      if (input_.size() - at_ > line_bytes_max) return wrong("has a line without an end");
      return std::nullopt;
    }
    const auto line = input_.substr(at_ + 1, end - at_ - 1);
    at_ = end + line_end.size();
    return line;
  }

  Part integer(std::string_view line) {
    TRY(const auto number, number_of(line));
    return Reply{.kind = Reply::Kind::integer, .integer = number};
  }

  Part text(std::string_view line) {
    TRY(const auto size, number_of(line));
    if (size == -1) return Reply{};
    if (size < 0 || size > text_bytes_max) return wrong("has a text that is too long");
    const auto bytes = static_cast<std::size_t>(size);
    if (input_.size() - at_ < bytes + line_end.size()) return std::nullopt;
    if (input_.substr(at_ + bytes, line_end.size()) != line_end) return wrong("has a text of another length than it says");
    Reply reply{.kind = Reply::Kind::text, .text = std::string(input_.substr(at_, bytes))};
    at_ += bytes + line_end.size();
    return reply;
  }

  Part list(std::string_view line, int depth) {
    TRY(const auto size, number_of(line));
    if (size == -1) return Reply{};
    if (size < 0 || size > items_max || depth == depth_max) return wrong("has a list that is too long or too deep");
    Reply reply{.kind = Reply::Kind::list};
    for (std::int64_t i = 0; i < size; ++i) {
      TRY(auto item, one(depth + 1));
      if (!item) return std::nullopt;
      reply.items.push_back(*std::move(item));
    }
    return reply;
  }

  static Result<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return wrong("has something else where a number must be");
    return number;
  }

  std::string_view input_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::optional<Parsed>> parse_reply(std::string_view input) { return Parser(input).parse(); }

std::string encode_command(std::initializer_list<std::string_view> words) {
  std::string bytes = fmt::format("*{}\r\n", words.size());
  for (const std::string_view word : words) fmt::format_to(std::back_inserter(bytes), "${}\r\n{}\r\n", word.size(), word);
  return bytes;
}

}  // namespace edda::redis
