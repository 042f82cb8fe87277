using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Fuzzing.Targets;

namespace KestrelTlsUpgrade.Fuzzing;

/// <summary>All that reads bytes from the wire, by the name of its corpus.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, Action<FuzzInput>> All { get; } = new SortedDictionary<string, Action<FuzzInput>>
    {
        ["answer"] = AnswerTarget.Run,
        ["arrival"] = ArrivalTarget.Run,
        ["authority"] = AuthorityTarget.Run,
        ["chunked"] = ChunkedTarget.Run,
        ["client-hello"] = ClientHelloTarget.Run,
        ["connect"] = ConnectRequestTarget.Run,
        ["ipp"] = IppTarget.Run,
        ["leading-request"] = LeadingRequestTarget.Run,
        ["next-proxy"] = NextProxyTarget.Run,
        ["proxy-header"] = ProxyHeaderTarget.Run,
        ["replay"] = ReplayTarget.Run,
        ["response-head"] = ResponseHeadTarget.Run,
        ["tokens"] = TokensTarget.Run,
        ["upgrade-head"] = UpgradeHeadTarget.Run,
    };
}
