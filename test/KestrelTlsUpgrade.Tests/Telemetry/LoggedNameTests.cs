using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Tests.Telemetry;

public sealed class LoggedNameTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a-b_c.Test", "a-b_c.Test")]
    [InlineData("[2001:db8::1]", "[2001:db8::1]")]
    [InlineData("bücher.test", "bücher.test")]
    [InlineData("हिन्दी.test", "हिन्दी.test")]
    [InlineData("a\r\nb\0c\u001bd\u0085e\u2028f\u202eg", "a??b?c?d?e?f?g")]
    [InlineData("a b{c}\"<d>", "a?b?c???d?")]
    public void Of_KeepsWhatNamesAreMadeOf(string name, string expected) => Assert.Equal(expected, LoggedName.Of(name));

    [Fact]
    public void Of_ALongName_IsCut() => Assert.Equal(new string('a', 255), LoggedName.Of(new string('a', 30_000)));
}
