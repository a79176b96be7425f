/// The commands, with what their help says. A new one is a case here, uses in `Flag`, and a line
/// in `Front`.
enum Command: String, CaseIterable {
  case run
  case synth
  case verify

  /// A line of the list of commands.
  var summary: String {
    switch self {
    case .run: "make the charts of a window of days"
    case .synth: "write realistic logs to try it with"
    case .verify: "check published charts against their manifest"
    }
  }

  /// What follows `chartmill`.
  var usage: [String] {
    switch self {
    case .run: ["run --logs DIR --out DIR [FLAGS]", "run FILE... --out DIR [FLAGS]"]
    case .synth: ["synth --out DIR [FLAGS]"]
    case .verify: ["verify DIR [FLAGS]"]
    }
  }

  var takesFiles: Bool {
    switch self {
    case .run, .verify: true
    case .synth: false
    }
  }

  var about: String {
    switch self {
    case .run:
      """
      Reads listen-YYYYMMDD.log[.gz], rows sng_id|user_id|country. Writes the top songs of each \
      country and user, each user's country, and a manifest. All files are replaced, or none.
      """
    case .synth:
      """
      Writes one log a day, the same bytes for the same flags. Logs that are there already are \
      never written over.
      """
    case .verify:
      """
      Reads the charts of DIR again and checks sizes, CRCs, order, ties, counts and users. Ends \
      with code 65 at the first difference, naming file and line.
      """
    }
  }

  var memory: String {
    switch self {
    case .run: "at most --memory, whatever the logs hold."
    case .synth: "grows with --users: a few bytes a user."
    case .verify: "some MiB, whatever the charts hold."
    }
  }

  var examples: [String] {
    switch self {
    case .run:
      [
        "run --logs logs --out charts",
        "run --logs logs --out charts --date 20260705 --memory 64MiB",
      ]
    case .synth: ["synth --out logs --rows 1000000 --users 200000 --gzip"]
    case .verify: ["verify charts", "verify charts --date 20260705"]
    }
  }
}
