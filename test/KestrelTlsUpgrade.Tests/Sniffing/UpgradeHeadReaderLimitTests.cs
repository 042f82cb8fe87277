using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tests.Sniffing;

public sealed class UpgradeHeadReaderLimitTests
{
    private const int LineBreak = 2;

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Read_RequestLineSize_CountsWithLineBreak(int spare, bool isUpgraded)
    {
        var size = UpgradeHeads.RequestLine.Length + LineBreak;
        var policy = Limit(limits => limits.MaxRequestLineSize = size + spare);

        Assert.Equal(isUpgraded, UpgradeHeads.Read(UpgradeHeads.Plain, policy) is not null);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Read_HeadersTotalSize_CountsWithLastLineBreak(int spare, bool isUpgraded)
    {
        var size = UpgradeHeads.Plain.Length - UpgradeHeads.RequestLine.Length - LineBreak;
        var policy = Limit(limits => limits.MaxRequestHeadersTotalSize = size + spare);

        Assert.Equal(isUpgraded, UpgradeHeads.Read(UpgradeHeads.Plain, policy) is not null);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Read_HeaderCount_CountsEveryLine(int spare, bool isUpgraded)
    {
        var head = UpgradeHeads.Create(UpgradeHeads.RequestLine, "X: 1", "X: 2");
        var policy = Limit(limits => limits.MaxRequestHeaderCount = 5 + spare);

        Assert.Equal(isUpgraded, UpgradeHeads.Read(head, policy) is not null);
    }

    [Fact]
    public void Read_LargeFieldWithinLimits_IsReplayedWhole()
    {
        var value = new string('v', 16_000);
        var head = UpgradeHeads.Create(UpgradeHeads.RequestLine, $"X: {value}");

        Assert.EndsWith($"\r\nX:{value}\r\n\r\n", UpgradeHeads.Replay(head), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongTargetWithinLimits_IsReplayedWhole()
    {
        var requestLine = $"GET /{new string('t', 8_000)} HTTP/1.1";

        Assert.StartsWith($"{requestLine}\r\n", UpgradeHeads.Replay(UpgradeHeads.Create(requestLine)), StringComparison.Ordinal);
    }

    private static UpgradePolicy Limit(Action<KestrelServerLimits> configure) => Policies.Create(configureLimits: configure);
}
