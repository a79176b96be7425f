// swift-tools-version: 6.2
import Foundation
import PackageDescription

// ISA-L is optional: it is used when its header is installed (Debian: libisal-dev), unless
// CHARTMILL_CODEC=zlib asks for the build that needs nothing but zlib.
let wantsISAL =
  Context.environment["CHARTMILL_CODEC"] != "zlib"
  && FileManager.default.fileExists(atPath: "/usr/include/isa-l.h")

let swift6: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
let strict = swift6 + [.enableUpcomingFeature("MemberImportVisibility")]

// The rooms of the program, from the ground floor up: a target uses those that it names here, and
// nothing else. `docs/architecture.md` says what is in each.
let package = Package(
  name: "chartmill",
  products: [
    .executable(name: "chartmill", targets: ["ChartmillCLI"])
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(
      name: "ChartmillSystem",
      dependencies: ["CZlib", "CLinux"] + (wantsISAL ? ["CISAL"] : []),
      swiftSettings: strict + (wantsISAL ? [.define("CHARTMILL_ISAL")] : [])),
    .target(
      name: "ChartmillModel", dependencies: ["ChartmillSystem"], swiftSettings: strict),
    .target(
      name: "ChartmillCore", dependencies: ["ChartmillModel", "ChartmillSystem"],
      swiftSettings: strict),
    .target(
      name: "ChartmillReader",
      dependencies: ["ChartmillCore", "ChartmillModel", "ChartmillSystem"],
      swiftSettings: strict),
    .target(
      name: "ChartmillJobs",
      dependencies: ["ChartmillCore", "ChartmillModel", "ChartmillSystem"],
      swiftSettings: strict),
    .target(
      name: "ChartmillDistributed",
      dependencies: ["ChartmillJobs", "ChartmillCore", "ChartmillModel", "ChartmillSystem"],
      swiftSettings: strict),
    .target(
      name: "ChartmillSynth", dependencies: ["ChartmillModel", "ChartmillSystem", "CZlib"],
      swiftSettings: strict),
    .executableTarget(
      name: "ChartmillCLI",
      dependencies: [
        "ChartmillJobs", "ChartmillReader", "ChartmillDistributed", "ChartmillSynth",
        "ChartmillCore", "ChartmillModel", "ChartmillSystem", "CLinux",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ChartmillTests",
      dependencies: [
        "ChartmillCLI", "ChartmillJobs", "ChartmillReader", "ChartmillDistributed",
        "ChartmillSynth", "ChartmillCore", "ChartmillModel", "ChartmillSystem",
      ],
      swiftSettings: swift6),
  ]
    + (wantsISAL
      ? [.systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])])]
      : [])
)
