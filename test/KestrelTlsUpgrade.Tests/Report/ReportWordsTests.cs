using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Report.Internal.Page;

namespace KestrelTlsUpgrade.Tests.Report;

/// <summary>What stands in words on the page.</summary>
public sealed class ReportWordsTests
{
    [Theory]
    [InlineData(0, 0, "–")]
    [InlineData(0, 7, "0 %")]
    [InlineData(1, 1000, "< 1 %")]
    [InlineData(1, 3, "33 %")]
    [InlineData(999, 1000, "> 99 %")]
    [InlineData(7, 7, "100 %")]
    public void Share_IsNotRoundedToAllOrNothing(long part, long whole, string expected) => Assert.Equal(expected, Share.Format(part, whole));

    [Theory]
    [InlineData(-5, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 min ago")]
    [InlineData(3599, "59 min ago")]
    [InlineData(3600, "1 h ago")]
    [InlineData(86399, "23 h ago")]
    [InlineData(86400, "yesterday")]
    [InlineData(172800, "2 days ago")]
    public void Age_IsInTheLargestUnit(int seconds, string expected) =>
        Assert.Equal(expected, CallersSection.FormatAge(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(seconds)));

    [Theory]
    [InlineData(-1, "expired")]
    [InlineData(0, "0 days")]
    [InlineData(1, "1 day")]
    [InlineData(1234, "1,234 days")]
    public void Days_AreCounted(int days, string expected) => Assert.Equal(expected, CertificateWords.FormatDays(days));

    [Fact]
    public void CertificateState_HasWords()
    {
        var words = Enum.GetValues<CertificateState>().Select(CertificateWords.Of).ToArray();
        Assert.Equal(words.Length, words.Distinct().Count());

        // What is not well is marked by more than its colour.
        Assert.All(words.Skip(1), static word => Assert.StartsWith("⚠ ", word, StringComparison.Ordinal));
        Assert.Throws<ArgumentOutOfRangeException>(static () => CertificateWords.Of((CertificateState)99));
    }

    [Fact]
    public void FailureCause_HasAMeaning()
    {
        var meanings = Enum.GetValues<FailureCause>().Skip(1).Select(static cause => FailureDescription.Of(cause).Meaning).ToArray();
        Assert.Equal(meanings.Length, meanings.Distinct().Count());
        Assert.All(meanings, static meaning => Assert.EndsWith(".", meaning, StringComparison.Ordinal));
    }
}
