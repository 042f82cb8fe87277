using KestrelTlsUpgrade.Tool.Reporting;

namespace KestrelTlsUpgrade.Tool.Tests.Reporting;

public sealed class TextTests
{
    [Theory]
    [InlineData("plain, with ümlaut", "plain, with ümlaut")]
    [InlineData("\x1b[31m", "\\u001b[31m")]
    [InlineData("a\r\nb", "a\\u000d\\u000ab")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("\u202etxt", "\\u202etxt")]
    public void PrintableText_Of_HasNoControls(string text, string expected) => Assert.Equal(expected, PrintableText.Of(text));

    [Fact]
    public void TrimmingWriter_LinesEnd_WithoutBlanks()
    {
        using var inner = new StringWriter();
        using var writer = new TrimmingWriter(inner);
        writer.Write("  a  b   \n");
        writer.Write("   \n");
        writer.Write("c ");
        writer.Write(" d \r\n");
        Assert.Equal("  a  b\n\nc  d\r\n", inner.ToString());
    }
}
