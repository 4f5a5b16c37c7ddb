#include "cli/parse.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

namespace edda::cli {
namespace {

constexpr const char* examples = R"(Examples:
  edda serve --data ./data --port 3000      start a server
  edda demo                                 start one with users and orders to look at
  edda order create --item BOOK-1:2:19.99   place an order, and print its id
  edda order watch ID                       follow it to its end
  edda saga parked                          sagas that wait for an operator, by reason
  edda events tail --follow                 the log, live
  edda user role ada@example.com merchant   change a role
  edda doctor                               what could go wrong on this machine
'edda COMMAND --help' says more. Docs of the API: http://localhost:3000/api/docs)";

/// Builds the parser, and notes what was asked for in `invocation`.
class Parser {
 public:
  explicit Parser(std::string version) : version_(std::move(version)) {
    app_.require_subcommand(1);
    app_.footer(examples);
    app_.set_version_flag("--version", "edda " + version_, "Print the version");
    app_.failure_message(CLI::FailureMessage::simple);
    add_serving();
    add_orders();
    add_products();
    add_sagas();
    add_batches();
    add_events();
    add_users();
    add_store();
    add_information();
    add_own<BenchArguments>("bench", "Measure a server ('edda bench --help' says how)");
    add_own<PaysimArguments>("paysim", "Start a payment gateway to try Edda against ('edda paysim --help' says how)");
    add_own<FaultProxyArguments>("fault-proxy", "A TCP link that goes wrong on command, for tests of a cluster")->group("");  // hidden
    add_own<WorkerArguments>("worker", "Perform steps that come over Kafka ('edda worker --help' says how)");
    add_own<CopyArguments>("copy", "Copy a store from SQLite to PostgreSQL ('edda copy --help' says how)");
    add_own<ImportArguments>("import", "Bring the replaced system's database into a new store ('edda import --help' says how)");
  }

  std::expected<Invocation, Stop> parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForVersion&) {
      return std::unexpected(Stop{exit_ok, "edda " + version_ + "\n"});
    } catch (const CLI::CallForHelp&) {
      return std::unexpected(Stop{exit_ok, app_.help()});
    } catch (const CLI::CallForAllHelp&) {
      return std::unexpected(Stop{exit_ok, app_.help("", CLI::AppFormatMode::All)});
    } catch (const CLI::ParseError& error) {
      return std::unexpected(Stop{exit_usage, explain(error)});
    }
    for (auto& take : takers_) take();
    return std::move(invocation_);
  }

 private:
  template <class Arguments>
  CLI::App* command(CLI::App& parent, const std::string& name, const std::string& about, std::shared_ptr<Arguments> arguments,
                    std::string action = {}) {
    CLI::App* added = parent.add_subcommand(name, about);
    added->footer("");
    add_common(*added);
    takers_.push_back([this, added, arguments, action] {
      if (!added->parsed() || !added->get_subcommands().empty()) return;
      if constexpr (requires { arguments->action; }) arguments->action = action;
      invocation_.command = *arguments;
    });
    return added;
  }

  CLI::App& group(const std::string& name, const std::string& about) {
    CLI::App* added = app_.add_subcommand(name, about);
    added->require_subcommand(1);
    added->footer(fmt::format("'edda {} COMMAND --help' says more.", name));
    return *added;
  }

  void setting(CLI::App& app, const std::string& flag, const std::string& key, const std::string& about) {
    app.add_option_function<std::string>(
           flag, [this, flag, key](const std::string& text) { invocation_.common.sources.flags.push_back({flag, key, text}); },
           about)
        ->type_name("");
  }

  void add_common(CLI::App& app) {
    setting(app, "--data", "server.data", "Data folder (default ./data)");
    app.add_option_function<std::string>(
           "--config", [this](const std::string& file) { invocation_.common.sources.file = file; }, "Configuration file (TOML)")
        ->type_name("");
    app.add_option_function<std::vector<std::string>>(
           "--set", [this](const std::vector<std::string>& pairs) { take_sets(pairs); },
           "Any setting: KEY=VALUE ('edda config show' lists the keys)")
        ->type_name("")
        ->allow_extra_args(false);
    app.add_flag("--json", invocation_.common.json, "Print JSON");
    app.add_flag("--no-color", invocation_.common.no_color, "Print without colours");
  }

  void take_sets(const std::vector<std::string>& pairs) {
    for (const auto& pair : pairs) {
      const auto equals = pair.find('=');
      if (equals == std::string::npos) throw CLI::ValidationError("--set", "wants KEY=VALUE, as in payment.success_rate=1");
      invocation_.common.sources.flags.push_back({"--set", pair.substr(0, equals), pair.substr(equals + 1)});
    }
  }

  void add_url(CLI::App& app) {
    app.add_option("--url", invocation_.common.url, "Server to talk to (default: that of the data folder)")->type_name("");
  }

  void add_server_flags(CLI::App& app) {
    setting(app, "--port", "server.port", "Port (default 3000)");
    setting(app, "--host", "server.host", "Address to listen on");
    setting(app, "--node-id", "server.node_id", "This node's name");
    setting(app, "--log-level", "server.log_level", "debug, info, warn or error");
  }

  void add_serving() {
    auto* serve = command(app_, "serve", "Start a server", std::make_shared<ServeArguments>());
    add_server_flags(*serve);
    setting(*serve, "--mode", "server.mode", "development, production or demo");
    setting(*serve, "--gateway-url", "gateway.url", "Payment gateway to charge at (default: the simulator)");
    auto arguments = std::make_shared<DemoArguments>();
    auto* demo = command(app_, "demo", "Start a server with users, and orders that come and go, to look at", arguments);
    add_server_flags(*demo);
    demo->add_option("--rate", arguments->orders_per_second, "Orders a second")->check(CLI::Range(0.01, 100.0))->type_name("");
  }

  void add_orders() {
    auto& orders = group("order", "Place, look at, cancel and follow orders");
    auto arguments = std::make_shared<OrderArguments>();
    auto* create = command(orders, "create", "Place an order", arguments, "create");
    create->add_option("--item", arguments->items, "PRODUCT[:QUANTITY[:PRICE]], more than once for more lines")
        ->required()
        ->allow_extra_args(false)
        ->type_name("");
    create->add_option("--address", arguments->address, "Where to ship to")->type_name("");
    create->add_option("--currency", arguments->currency, "Currency of the prices (default USD)")->type_name("");
    create->add_option("--key", arguments->key, "Idempotency key (default: a new one)")->type_name("");
    create->add_flag("--wait", arguments->wait, "Wait for its end");
    create->footer("Example: edda order create --item BOOK-1:2:19.99 --item PAYMENT_FAIL-1");
    auto* get = command(orders, "get", "Show one order", arguments, "get");
    auto* list = command(orders, "list", "Orders, newest first", arguments, "list");
    list->add_option("--status", arguments->status, "pending, paid, shipped, delivered, cancelling or cancelled")->type_name("");
    list->add_option("--created-after", arguments->created_after, "RFC 3339 time")->type_name("");
    list->add_option("--limit", arguments->limit, "How many (default 20)")->check(CLI::Range(1, 100))->type_name("");
    list->add_option("--cursor", arguments->cursor, "Where the last page ended")->type_name("");
    auto* cancel = command(orders, "cancel", "Ask for an order to be cancelled", arguments, "cancel");
    cancel->add_option("--reason", arguments->reason, "Why")->type_name("");
    auto* watch = command(orders, "watch", "Follow an order to its end", arguments, "watch");
    for (auto* one : {get, cancel, watch}) one->add_option("ID", arguments->id, "The order's id")->required()->type_name("");
    for (auto* each : {create, get, list, cancel, watch}) add_url(*each);
  }

  void add_products() {
    auto& products = group("product", "Register products, and count their stock");
    auto arguments = std::make_shared<ProductArguments>();
    auto* add = command(products, "add", "Register a product", arguments, "add");
    add->add_option("--name", arguments->name, "Its name (default: the id)")->type_name("");
    add->add_option("--on-hand", arguments->quantity, "How many are there (default 0)")->type_name("");
    add->add_flag("--untracked", arguments->untracked, "Sell it without counting");
    auto* list = command(products, "list", "Products, newest first", arguments, "list");
    list->add_option("--limit", arguments->limit, "How many (default 20)")->check(CLI::Range(1, 100))->type_name("");
    list->add_option("--cursor", arguments->cursor, "Where the last page ended")->type_name("");
    auto* stock = command(products, "stock", "Add to what is on hand, or take from it", arguments, "stock");
    stock->footer("Example: edda product stock BOOK-1 50");
    for (auto* one : {add, stock}) one->add_option("ID", arguments->id, "What order lines call it")->required()->type_name("");
    stock->add_option("QUANTITY", arguments->quantity, "How many to add; negative: to take away")->required()->type_name("");
    stock->add_option("--reason", arguments->reason, "Why")->type_name("");
    for (auto* each : {add, list, stock}) add_url(*each);
  }
  void add_sagas() {
    auto& sagas = group("saga", "Look at sagas, and do something about those that are stuck");
    add_saga_actions(sagas);
    auto arguments = std::make_shared<SagaArguments>();
    auto* list = command(sagas, "list", "Sagas, newest first", arguments, "list");
    list->add_option("--state", arguments->state, "started, completed, compensating, compensated, parked, ...")->type_name("");
    list->add_option("--step", arguments->step, "Those that stand at this step")->type_name("");
    list->add_option("--older-than", arguments->older_than, "Those that began longer ago: 30s, 5m, 2h, 1d")->type_name("");
    list->add_option("--limit", arguments->limit, "How many (default 20)")->check(CLI::Range(1, 100))->type_name("");
    list->add_option("--cursor", arguments->cursor, "Where the last page ended")->type_name("");
    auto* get = command(sagas, "get", "Show one saga", arguments, "get");
    get->add_option("ID", arguments->id, "The saga's id")->required()->type_name("");
    for (auto* each : {list, get}) add_url(*each);
  }

  void add_saga_actions(CLI::App& sagas) {
    auto arguments = std::make_shared<SagaActionArguments>();
    const auto action = [&](const std::string& name, const std::string& about) {
      auto* added = command(sagas, name, about, arguments, name);
      added->add_option("ID", arguments->id, "The saga's id")->required()->type_name("");
      added->add_option("--reason", arguments->reason, "Why; kept in the saga's story and in the audit log")->required()->type_name("");
      added->add_option("--if-version", arguments->version, "Only if it is still this version")->type_name("");
      add_url(*added);
      return added;
    };
    auto* retry = action("retry", "Ask again for what is parked");
    retry->add_option("--step", arguments->step, "Only for this step")->type_name("");
    auto* skip = action("skip", "Leave a step out");
    action("compensate", "Turn it back: what took effect is undone");
    action("cancel", "Cancel what it does; of an order's saga: the order");
    action("pause", "Ask for nothing new until it is resumed");
    action("resume", "Go on where it was paused");
    action("force-close", "End it as it stands, when nothing may still take effect");
    auto* outcome = action("state-outcome", "Say what happened to a step, after looking it up at the other side");
    outcome->add_option("--outcome", arguments->outcome, "succeeded, declined or failed")->required()->type_name("");
    outcome->add_option("--reference", arguments->reference, "The other side's id of what it did")->type_name("");
    for (auto* one : {skip, outcome}) one->add_option("--step", arguments->step, "The step's name")->required()->type_name("");
    auto* signal = action("signal", "Give a step the word that it waits for");
    signal->add_option("STEP", arguments->step, "The step's name, as order_approval")->required()->type_name("");
    auto* word = signal->add_option_group("word")->require_option(1);
    word->add_flag("--accept", arguments->accept, "Yes");
    word->add_flag_callback("--refuse", [] {}, "No: the saga turns back");
    add_url(*command(sagas, "parked", "Parked sagas, grouped by step and error", std::make_shared<ParkedArguments>()));
    add_url(*command(sagas, "check", "Load every live saga; exit code 1 if this release could not carry one on",
                     std::make_shared<SagaCheckArguments>()));
  }

  void add_batches() {
    auto& batches = group("batch", "Do the same to many sagas");
    auto arguments = std::make_shared<BatchArguments>();
    auto* start = command(batches, "start", "Count what matches, and act on it once the count is confirmed", arguments, "start");
    start->add_option("ACTION", arguments->act, "retry, skip, compensate, cancel, pause, resume, force-close or state-outcome")
        ->required()
        ->type_name("");
    start->add_option("--state", arguments->state, "started, compensating, parked or paused")->type_name("");
    start->add_option("--definition", arguments->definition, "As OrderProcessingSaga")->type_name("");
    start->add_option("--at-step", arguments->at_step, "Those that stand at this step")->type_name("");
    start->add_option("--older-than", arguments->older_than, "Those that began longer ago: 30s, 5m, 2h, 1d")->type_name("");
    start->add_option("--error", arguments->error, "Those whose error holds this text")->type_name("");
    start->add_option("--saga", arguments->sagas, "This saga; more than once for more, instead of a filter")
        ->allow_extra_args(false)
        ->type_name("");
    start->add_option("--step", arguments->step, "skip, state-outcome: the step; retry: only this one")->type_name("");
    start->add_option("--outcome", arguments->outcome, "state-outcome: succeeded, declined or failed")->type_name("");
    start->add_option("--reference", arguments->reference, "state-outcome: the other side's id")->type_name("");
    start->add_option("--limit", arguments->limit, "Act on so many at most (default 1000)")->check(CLI::Range(1, 10'000))->type_name("");
    start->add_option("--rate", arguments->rate, "So many a second at most (default 50)")->check(CLI::Range(1, 1'000))->type_name("");
    start->add_flag("--dry-run", arguments->dry_run, "Only count, and show the first");
    start->add_option("--expected-count", arguments->expected_count, "The count of a dry run: do it if it still holds")->type_name("");
    start->add_flag("--detach", arguments->detach, "Do not wait for its end");
    start->footer("Example: edda batch start retry --state parked --at-step payment_processing --reason 'the gateway is back'");
    auto* show = command(batches, "show", "How a batch is doing", arguments, "show");
    auto* list = command(batches, "list", "Batches that run, and the last that ended", arguments, "list");
    auto* cancel = command(batches, "cancel", "Act on no further saga", arguments, "cancel");
    for (auto* one : {show, cancel}) one->add_option("ID", arguments->id, "The batch's id")->required()->type_name("");
    for (auto* one : {start, cancel}) one->add_option("--reason", arguments->reason, "Why (for the audit log)")->required()->type_name("");
    for (auto* each : {start, show, list, cancel}) add_url(*each);
  }

  void add_events() {
    auto& events = group("events", "Read the log");
    auto arguments = std::make_shared<EventArguments>();
    auto* tail = command(events, "tail", "The last events, or all from now on", arguments);
    tail->add_flag("-f,--follow", arguments->follow, "Print events as they happen, until interrupted");
    tail->add_option("-n,--count", arguments->count, "How many of the last (default 20)")->check(CLI::Range(1, 100))->type_name("");
    tail->add_option("--type", arguments->type, "Only events of this type")->type_name("");
    tail->add_option("--correlation-id", arguments->correlation, "With --follow: only those of this order")->type_name("");
    tail->add_option("--cursor", arguments->cursor, "With --follow: those behind this cursor first")->type_name("");
    add_url(*tail);
  }

  void add_users() {
    auto& users = group("user", "Manage users");
    auto arguments = std::make_shared<UserArguments>();
    auto* add = command(users, "add", "Add a user; the password comes from --password-file or standard input", arguments, "add");
    add->add_option("EMAIL", arguments->user, "The user's e-mail address")->required()->type_name("");
    add->add_option("--role", arguments->role, "customer (default), merchant, operator or admin")->type_name("");
    add->add_option("--first-name", arguments->first_name, "First name")->type_name("");
    add->add_option("--last-name", arguments->last_name, "Last name")->type_name("");
    add->add_option("--password-file", arguments->password_file, "File that holds the password")->type_name("");
    auto* list = command(users, "list", "All users", arguments, "list");
    auto* role = command(users, "role", "Change a user's role", arguments, "role");
    role->add_option("USER", arguments->user, "E-mail address or id")->required()->type_name("");
    role->add_option("ROLE", arguments->role, "customer, merchant, operator or admin")->required()->type_name("");
    auto* disable = command(users, "disable", "Disable an account and end its sessions", arguments, "disable");
    disable->add_option("USER", arguments->user, "E-mail address or id")->required()->type_name("");
    for (auto* change : {role, disable}) change->add_option("--reason", arguments->reason, "Why (for the audit log)")->type_name("");
    auto* import = command(users, "import", "Take over users with their bcrypt hashes, while no server runs", arguments, "import");
    import->add_option("FILE", arguments->file, "JSON array of rows of the replaced system's users table")->required()->type_name("");
    for (auto* each : {add, list, role, disable}) add_url(*each);
  }

  void add_store() {
    auto arguments = std::make_shared<StoreArguments>();
    add_url(*command(app_, "rebuild", "Build the views anew from the log; a running server goes on serving", arguments, "rebuild"));
    auto* backup = command(app_, "backup", "Copy the store into a folder of its own; a running server goes on serving", arguments, "backup");
    backup->footer("A backup is a data folder. To restore: stop the server, put a copy of it where the data folder was, start, 'edda verify'.");
    add_url(*backup);
    add_feature_level();
    add_log_level();
    command(app_, "migrate", "Make the store, or bring it up to date, and end: before the nodes start", std::make_shared<MigrateArguments>());
    add_url(*command(app_, "verify", "Check the store: gaps, views, sagas, money, stock, the payment ledger", arguments, "verify"));
  }

  void add_feature_level() {
    auto arguments = std::make_shared<FeatureLevelArguments>();
    auto* level = command(app_, "feature-level", "What may be written into the store; raise it once every node has been upgraded", arguments);
    auto* raise = level->add_option("--raise-to", arguments->raise_to, "The level to raise it to; there is no way back")
                      ->check(CLI::Range(1, 1'000'000))
                      ->type_name("");
    auto* reason = level->add_option("--reason", arguments->reason, "Why (for the audit log)")->type_name("");
    raise->needs(reason);
    reason->needs(raise);
    level->add_flag("--dry-run", arguments->dry_run, "Only say what would be done")->needs(raise);
    level->footer("Example: edda feature-level --raise-to 2 --reason 'all nodes run the new release'");
    add_url(*level);
  }

  void add_log_level() {
    auto arguments = std::make_shared<LogLevelArguments>();
    auto* log = command(app_, "log-level", "What a running server logs; change it without a restart", arguments);
    auto* level = log->add_option("--to", arguments->level, "debug, info, warn or error; until the server starts anew")
                      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
                      ->type_name("");
    auto* reason = log->add_option("--reason", arguments->reason, "Why (for the audit log)")->type_name("");
    level->needs(reason);
    reason->needs(level);
    log->footer("Example: edda log-level --to debug --reason 'orders of one client hang'");
    add_url(*log);
  }

  void add_information() {
    add_url(*command(app_, "nodes", "The nodes of the cluster: who owns what, since when, how far behind", std::make_shared<NodesArguments>()));
    command(app_, "doctor", "Check this machine and the data folder, and say what to do", std::make_shared<DoctorArguments>());
    auto& config = group("config", "Settings");
    auto arguments = std::make_shared<ConfigArguments>();
    add_server_flags(*command(config, "show", "Every setting with its value and origin", arguments, "show"));
    command(config, "docs", "Print docs/configuration.md", arguments, "docs");
    add_url(*command(app_, "health", "Ask a server how it is; exit code 1 if it is not well", std::make_shared<HealthArguments>()));
    command(app_, "openapi", "Print the OpenAPI document", std::make_shared<OpenapiArguments>());
    command(app_, "version", "Print the version", std::make_shared<VersionArguments>());
  }

  /// A command whose arguments are its own, --help and the common ones included.
  template <class Arguments>
  CLI::App* add_own(const std::string& name, const std::string& what) {
    auto* own = app_.add_subcommand(name, what);
    own->set_help_flag();
    own->prefix_command();
    takers_.push_back([this, own] {
      if (own->parsed()) invocation_.command = Arguments{own->remaining()};
    });
    return own;
  }

  CLI::App* deepest() {
    CLI::App* at = &app_;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return at;
  }

  std::string path_of(const CLI::App* at) const {
    return at == &app_ || at->get_parent() == nullptr ? "edda" : path_of(at->get_parent()) + " " + at->get_name();
  }

  std::string explain(const CLI::ParseError& error) {
    CLI::App* at = deepest();
    const auto help = fmt::format("Try '{} --help'.\n", path_of(at));
    const auto extras = at->remaining();
    const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    const bool incomplete = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && at->get_require_subcommand_min() > 0;
    if (incomplete && extras.empty()) return fmt::format("{}: which command?\n\n{}", path_of(at), app_.help());
    if (extras.empty() || !(extra || incomplete)) return fmt::format("{}: {}\n{}", path_of(at), error.what(), help);
    const std::string& wrong = extras.front();
    const auto near = config::nearest(wrong, words_of(*at, wrong.starts_with('-')));
    return fmt::format("{}: there is no {} '{}'.{}\n{}", path_of(at), wrong.starts_with('-') ? "flag" : "command", wrong,
                       near ? fmt::format(" Did you mean '{}'?", *near) : "", help);
  }

  static std::vector<std::string> words_of(CLI::App& at, bool flags) {
    std::vector<std::string> words;
    for (const auto* sub : at.get_subcommands([](CLI::App*) { return true; })) {
      if (!flags) words.push_back(sub->get_name());
    }
    for (const auto* option : at.get_options()) {
      for (const auto& name : option->get_lnames()) {
        if (flags) words.push_back("--" + name);
      }
    }
    return words;
  }

  const std::string version_;
  Invocation invocation_;
  CLI::App app_{"Edda takes orders, charges them and sees each one through to an end.", "edda"};
  std::vector<std::function<void()>> takers_;
};

}  // namespace

std::expected<Invocation, Stop> parse(const std::vector<std::string>& arguments, const std::string& version) {
  return Parser(version).parse(arguments);
}

}  // namespace edda::cli
