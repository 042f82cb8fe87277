using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class DeclineDescriptionTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents/src/Report.md"));

    [Fact]
    public void All_EveryReason_HasOneRow_AndIsDocumented()
    {
        Assert.Equal(
            Enum.GetValues<DeclineReason>().Where(static reason => reason is not DeclineReason.None).Order(),
            DeclineDescription.All.Select(static row => row.Reason).Order());
        Assert.All(DeclineDescription.All, static row => Assert.Contains($"`{row.Tag}`", Document, StringComparison.Ordinal));
        Assert.Distinct(DeclineDescription.All.Select(static row => row.Meaning));
    }

    [Fact]
    public void Explain_FindsTheMeaning()
    {
        Assert.Equal("AcceptOffer said no.", DeclineDescription.Explain("by_code"));
        Assert.Equal("", DeclineDescription.Explain("unheard_of"));
    }
}
