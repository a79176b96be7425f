// swift-tools-version: 6.2
import PackageDescription

let swift6: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
let strict =
  swift6 + [
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
  ]

// The rooms of the program, from the ground floor up: a target uses those that it names here, and
// nothing else. `docs/architecture.md` says what is in each.
let package = Package(
  name: "chartmill",
  products: [
    .executable(name: "chartmill", targets: ["ChartmillCLI"])
  ],
  traits: [
    .trait(name: "ISAL", description: "Reads gzip with ISA-L, twice as fast as with zlib alone.")
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(
      name: "ChartmillSystem",
      dependencies: [
        "CZlib", "CLinux", .target(name: "CISAL", condition: .when(traits: ["ISAL"])),
      ],
      exclude: ["README.md"],
      swiftSettings: strict + [.define("CHARTMILL_ISAL", .when(traits: ["ISAL"]))]),
    .target(
      name: "ChartmillModel", dependencies: ["ChartmillSystem"], exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "ChartmillCore", dependencies: ["ChartmillModel", "ChartmillSystem"],
      exclude: ["README.md", "Sort/README.md"],
      swiftSettings: strict),
    .target(
      name: "ChartmillReader",
      dependencies: ["ChartmillCore", "ChartmillModel", "ChartmillSystem"],
      exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "ChartmillJobs",
      dependencies: ["ChartmillCore", "ChartmillModel", "ChartmillSystem"],
      exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "ChartmillDistributed",
      dependencies: ["ChartmillJobs", "ChartmillCore", "ChartmillModel", "ChartmillSystem"],
      exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "ChartmillSynth", dependencies: ["ChartmillModel", "ChartmillSystem", "CZlib"],
      exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "ChartmillText", dependencies: ["ChartmillModel", "ChartmillSystem"],
      exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "ChartmillReport",
      dependencies: [
        "ChartmillText", "ChartmillReader", "ChartmillCore", "ChartmillModel", "ChartmillSystem",
      ],
      exclude: ["README.md"],
      swiftSettings: strict),
    .executableTarget(
      name: "ChartmillCLI",
      dependencies: [
        "ChartmillReport", "ChartmillText", "ChartmillJobs", "ChartmillReader",
        "ChartmillDistributed", "ChartmillSynth", "ChartmillCore", "ChartmillModel",
        "ChartmillSystem",
      ],
      exclude: ["README.md"],
      swiftSettings: strict),
    .testTarget(
      name: "ChartmillTests",
      dependencies: [
        "ChartmillCLI", "ChartmillReport", "ChartmillText", "ChartmillJobs", "ChartmillReader",
        "ChartmillDistributed", "ChartmillSynth", "ChartmillCore", "ChartmillModel",
        "ChartmillSystem",
      ],
      // A test imports the rooms that it names, and not those of every member that it touches.
      swiftSettings: swift6),
  ]
)
