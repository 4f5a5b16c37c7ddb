#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/commands.hpp"
#include "cli/user_rows.hpp"

namespace edda::cli {
namespace {

/// Turns the terminal's echo off for as long as it lives.
class Silence {
 public:
  Silence() {
    active_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!active_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  ~Silence() {
    if (active_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  bool active_ = false;
};

Result<config::Secret> read_password(const UserArguments& arguments) {
  std::string text;
  if (!arguments.password_file.empty()) {
    std::ifstream file(arguments.password_file);
    if (!std::getline(file, text)) return fail(Errc::invalid_argument, "cannot be read, or is empty", "--password-file");
  } else {
    const Silence silence;
    if (isatty(STDIN_FILENO) != 0) fmt::print(stderr, "Password (8 characters or more): ");
    std::getline(std::cin, text);
    if (isatty(STDIN_FILENO) != 0) fmt::print(stderr, "\n");
  }
  if (text.empty()) return fail(Errc::invalid_argument, "no password: give it on standard input, or pass --password-file FILE");
  return config::Secret(text);
}

Result<boost::json::value> find_user(const Api& api, const std::string& user) {
  if (user.find('@') == std::string::npos) return api.get("/v1/users/" + percent_encoded(user));
  TRY(const auto page, api.get("/v1/users" + Query().add("email", user).text()));
  const auto& users = page.at("users").as_array();
  if (users.empty()) return fail(Errc::not_found, fmt::format("there is no user {}; 'edda user list' shows all", user));
  return users.front();
}

void print_user(const Terminal& terminal, const boost::json::value& user) {
  if (terminal.json) return terminal.line(boost::json::serialize(user));
  terminal.line(fmt::format("{}  {}  {}  {}", text_at(user, "id"), text_at(user, "email"), text_at(user, "role"),
                            terminal.paint(text_at(user, "status"))));
}

Result<boost::json::value> change(const Api& api, const UserArguments& arguments, std::string_view field, std::string_view value) {
  TRY(const auto user, find_user(api, arguments.user));
  boost::json::object body{{field, value}};
  if (!arguments.reason.empty()) body["reason"] = arguments.reason;
  return api.patch("/v1/users/" + text_at(user, "id"), body);
}

Result<boost::json::value> add(const Api& api, const UserArguments& arguments) {
  TRY(const config::Secret password, read_password(arguments));
  TRY(const auto signed_in, api.post("/v1/auth/register", {{"email", arguments.user},
                                                           {"password", password.reveal()},
                                                           {"first_name", arguments.first_name},
                                                           {"last_name", arguments.last_name}}));
  const auto& user = signed_in.at("user");
  if (arguments.role.empty() || arguments.role == "customer") return user;
  return api.patch("/v1/users/" + text_at(user, "id"), {{"role", arguments.role}, {"reason", "added by edda user add"}});
}

Result<void> list_users(const Session& session, const Api& api) {
  boost::json::array all;
  std::string cursor;
  do {
    TRY(auto page, api.get("/v1/users" + Query().add("limit", "100").add("cursor", cursor).text()));
    for (auto& user : page.at("users").as_array()) all.push_back(std::move(user));
    cursor = text_at(page, "has_more") == "true" ? text_at(page, "next_cursor") : "";
  } while (!cursor.empty());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(all)), Result<void>{};
  Table table({"ID", "EMAIL", "NAME", "ROLE", "STATUS", "SINCE"});
  for (const auto& user : all) {
    table.add({text_at(user, "id"), text_at(user, "email"), text_at(user, "first_name") + " " + text_at(user, "last_name"),
               text_at(user, "role"), text_at(user, "status"), text_at(user, "created_at")});
  }
  table.print(session.terminal);
  return {};
}

int import(const Session& session, const UserArguments& arguments) {
  const auto& terminal = session.terminal;
  std::ifstream stream(arguments.file, std::ios::binary);
  if (!stream) return terminal.error({Errc::invalid_argument, "cannot be read", arguments.file});
  const auto rows = parse_user_rows(std::string((std::istreambuf_iterator<char>(stream)), {}));
  if (!rows) return terminal.error(rows.error());
  auto server = start_privately(session);
  if (!server) return terminal.error(server.error());
  std::size_t imported = 0;
  std::size_t known = 0;
  std::size_t refused = 0;
  for (const auto& row : *rows) {
    const auto done = (*server)->import_user(row);
    if (done) ++imported;
    else if (done.error().code == Errc::already_exists) ++known;
    else ++refused, terminal.say(fmt::format("edda: {}: {}", row.email, done.error().message));
  }
  if (const auto stopped = (*server)->stop(); !stopped) return terminal.error(stopped.error());
  if (terminal.json) {
    terminal.line(boost::json::serialize(boost::json::object{{"imported", imported}, {"known", known}, {"refused", refused}}));
  } else {
    terminal.line(fmt::format("{} imported, {} were there already, {} refused", imported, known, refused));
  }
  return refused == 0 ? exit_ok : exit_failure;
}

}  // namespace

int run(const Session& session, const UserArguments& arguments) {
  const auto& terminal = session.terminal;
  if (arguments.action == "import") return import(session, arguments);
  const auto access = Access::open(session);
  if (!access) return terminal.error(access.error());
  if (arguments.action == "list") {
    const auto done = list_users(session, access->api());
    return done ? exit_ok : terminal.error(done.error());
  }
  const auto user = arguments.action == "add"    ? add(access->api(), arguments)
                    : arguments.action == "role" ? change(access->api(), arguments, "role", arguments.role)
                                                 : change(access->api(), arguments, "status", "suspended");
  if (!user) return terminal.error(user.error());
  print_user(terminal, *user);
  return exit_ok;
}

}  // namespace edda::cli
