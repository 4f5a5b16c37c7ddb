#include "config/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "config/setting.hpp"

namespace edda::config {
namespace {

constexpr std::string_view page_head = R"(# Configuration

<!-- Made by `edda config docs`; a test compares it. Change src/runtime/config/settings.cpp instead. -->

Edda starts without any. A setting is taken from the first of these that has it:

1. a flag: `--port 8080`, or `--set KEY=VALUE` for any key (secrets are refused: every user can read a command line);
2. the environment: `EDDA_` and the key in capitals with `_` for `.`, or one of the older names below. A secret can also
   be read from a file named by the same name with `_FILE` appended. An empty variable counts as unset;
3. a TOML file: `--config FILE`, else `EDDA_CONFIG`, else `edda.toml` in the data folder, else `./edda.toml`;
4. its default.

A key that does not exist, a text that is no number, a number out of bounds: Edda names the key, where the value came
from and what is allowed, and ends with exit code 2. `edda config show` prints every value with its origin.

```toml
[server]
port = 8080

[payment]
success_rate = 0.95

[orders]
duplicates = "key"
```

)";

constexpr std::string_view page_tail = R"(
## Modes

`development` is the default and warns. `demo` (`edda demo`) has a data folder of its own, listens on 127.0.0.1 and
seeds users and orders; besides the users that it names, with passwords that everybody knows, its store has the
administrator of `auth.admin_email` as every store has. `production` refuses to start with a JWT secret that is
published or shorter than 32 characters, with the payment simulator unless `payment.simulator_in_production` says so,
with a payment gateway but no `gateway.secret`, and with open test routes.

## One machine, or several

`DATABASE_HOST` takes PostgreSQL instead of the embedded SQLite file; any number of nodes share it, each with a name (`NODE_ID`), a
port and a data folder of its own, and all with one payment gateway (`gateway.url`; `edda paysim` is one to try). `REDIS_HOST` takes a
Redis for the duplicate filter and the rate limits, `KAFKA_BROKER` a Kafka that the log is published to (docs/feed.md); with
`steps.payment_processing = kafka` workers perform the charges (docs/step-workers.md). Each is told apart by its own setting: what is unset stays embedded. A password or a
user without its other half is refused at the start.
)";

std::string defaults_of(const Setting& setting) {
  std::string text = setting.is_secret() || setting.fallback.empty() ? "unset" : fmt::format("`{}`", setting.fallback);
  if (!setting.in_production.empty()) text += fmt::format(", production `{}`", setting.in_production);
  if (!setting.in_demo.empty()) text += fmt::format(", demo `{}`", setting.in_demo);
  return text;
}

boost::json::value json_value(const Setting& setting, const Config& config) {
  const std::string text = show(setting, config);
  if (setting.is_secret()) return text == "(set)";
  if (setting.is_list()) {
    boost::json::array items;
    for (std::size_t from = 0; from < text.size();) {
      const auto comma = std::min(text.find(',', from), text.size());
      items.emplace_back(text.substr(from, comma - from));
      from = comma + 1;
    }
    return items;
  }
  if (text.empty()) return nullptr;
  // Numbers and truth values read as themselves; a text that looks like one ("1" as a name) stays a text.
  if (std::holds_alternative<At<std::string>>(setting.place)) return boost::json::value(text);
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  return error ? boost::json::value(text) : value;
}

}  // namespace

std::string table_of(const Loaded& loaded) {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const auto& setting : settings()) {
    key_width = std::max(key_width, setting.key.size());
    value_width = std::max(value_width, show(setting, loaded.config).size());
  }
  value_width = std::min<std::size_t>(value_width, 40);
  std::string text;
  for (std::size_t i = 0; i < settings().size(); ++i) {
    text += fmt::format("{:<{}}  {:<{}}  {}\n", settings()[i].key, key_width, show(settings()[i], loaded.config), value_width,
                        loaded.origins.at(i));
  }
  return text;
}

std::string json_of(const Loaded& loaded, bool with_source) {
  boost::json::array rows;
  for (std::size_t i = 0; i < settings().size(); ++i) {
    const auto& setting = settings()[i];
    const std::string& from = loaded.origins.at(i);
    boost::json::object row{{"key", setting.key},
                            {"value", json_value(setting, loaded.config)},
                            {"origin", from.substr(0, from.find(' '))},
                            {"secret", setting.is_secret()}};
    if (with_source) row["from"] = from;
    rows.push_back(std::move(row));
  }
  const auto mode = show(*find_setting("server.mode"), loaded.config);
  return boost::json::serialize(boost::json::object{{"mode", mode}, {"settings", std::move(rows)}});
}

std::string configuration_page() {
  std::string page(page_head);
  std::string_view group;
  for (const auto& setting : settings()) {
    const auto this_group = setting.key.substr(0, setting.key.find('.'));
    if (this_group != group) {
      group = this_group;
      page += fmt::format("{}## {}\n\n| key | default | what it is, and what is allowed | environment |\n| --- | --- | --- | --- |\n",
                          page.ends_with("\n\n") ? "" : "\n", group);
    }
    page += fmt::format("| `{}` | {} | {} {}. | `{}` |\n", setting.key, defaults_of(setting), setting.about,
                        "Allowed: " + allowed_values(setting), fmt::join(setting.env_names(), "` `"));
  }
  page += page_tail;
  return page;
}

}  // namespace edda::config
