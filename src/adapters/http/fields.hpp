#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace edda::http {

/// An ordered list of name-value pairs in one buffer: clearing and refilling it costs no allocation. Views it returns
/// hold until the next add() or clear(), or until the object is moved or ends.
class Fields {
 public:
  void add(std::string_view name, std::string_view value);
  void clear();

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  /// Asserts index < size().
  std::pair<std::string_view, std::string_view> at(std::size_t index) const;

  /// The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The same for ASCII names in any case.
  std::optional<std::string_view> find_ignoring_case(std::string_view name) const;
  /// All values of that name, in order.
  std::vector<std::string_view> find_all(std::string_view name) const;

 private:
  struct Entry {
    std::uint32_t name_begin;
    std::uint32_t name_size;
    std::uint32_t value_size;  ///< the value follows its name
  };
  std::string_view name_of(const Entry& entry) const;
  std::string_view value_of(const Entry& entry) const;

  std::string text_;
  std::vector<Entry> entries_;
};

/// ASCII only.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Without the spaces and tabs around it (RFC 9110, 5.6.3).
std::string_view trimmed(std::string_view text);

}  // namespace edda::http
