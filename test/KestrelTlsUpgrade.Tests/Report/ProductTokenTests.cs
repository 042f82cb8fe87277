using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class ProductTokenTests
{
    [Theory]
    [InlineData("CUPS/2.4.2 (Linux; x86_64) IPP/2.0", "CUPS/2.4.2")]
    [InlineData("curl/8.5.0", "curl/8.5.0")]
    [InlineData("curl", "curl")]
    [InlineData("", "")]
    [InlineData(" curl/8.5.0", "")]
    [InlineData("(comment) curl/8.5.0", "")]
    [InlineData("<script>alert(1)</script>", "")]
    [InlineData("a<script>", "a")]
    [InlineData("a\"b", "a")]
    [InlineData("a\tb", "a")]
    [InlineData("a\u00e9b", "a")]
    [InlineData("a\u202eb", "a")]
    [InlineData("a&b'c`d", "a&b'c`d")]
    public void Find_TakesTheFirstProduct(string userAgent, string expected) =>
        Assert.Equal(expected, ProductToken.Find(userAgent).ToString());

    [Fact]
    public void Find_TooLong_IsCut()
    {
        Assert.Equal(new string('a', 48), ProductToken.Find(new string('a', 48)).ToString());
        Assert.Equal(new string('a', 48), ProductToken.Find(new string('a', 49)).ToString());
        Assert.Equal(new string('a', 48), ProductToken.Find(new string('a', 30000)).ToString());
    }
}
