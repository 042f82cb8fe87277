using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Fuzzing.Targets;

namespace KestrelTlsUpgrade.Fuzzing;

/// <summary>All that reads bytes from the wire, by the name of its corpus.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, Action<FuzzInput>> All { get; } = new SortedDictionary<string, Action<FuzzInput>>
    {
        ["arrival"] = ArrivalTarget.Run,
        ["authority"] = AuthorityTarget.Run,
        ["connect"] = ConnectHeadTarget.Run,
        ["replay"] = ReplayTarget.Run,
        ["tokens"] = TokensTarget.Run,
        ["upgrade-head"] = UpgradeHeadTarget.Run,
    };
}
