using KestrelTlsUpgrade.Report.Internal.Page;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class HtmlWriterTests
{
    private readonly HtmlWriter _html = new();

    [Fact]
    public void Write_Literal_IsMarkup()
    {
        _html.Write($"<p>");
        _html.Write($"""<a href="x">""");
        Assert.Equal("<p><a href=\"x\">", _html.ToString());
    }

    [Theory]
    [InlineData("<script>", "&lt;script&gt;")]
    [InlineData("\" onload='x'", "&quot; onload=&#x27;x&#x27;")]
    [InlineData("&amp;", "&amp;amp;")]
    [InlineData("a\u202eb\n", "a&#x202E;b&#xA;")]
    [InlineData(null, "")]
    public void Write_Hole_IsText(string? text, string expected)
    {
        _html.Write($"<b title=\"{text}\">{text}</b>");
        Assert.Equal($"<b title=\"{expected}\">{expected}</b>", _html.ToString());
    }

    [Fact]
    public void Write_Numbers_AreForPeople()
    {
        _html.Write($"{1234567L} {0.5:0.##} {new DateTimeOffset(2030, 2, 3, 4, 5, 6, TimeSpan.Zero):HH:mm}");
        Assert.Equal("1,234,567 0.5 04:05", _html.ToString());
    }

    [Fact]
    public void Write_File_IsMarkupAsItIs()
    {
        _html.Write(PageAsset.Style);
        _html.Write(PageAsset.Script);
        Assert.Equal(PageAsset.Style.Text + PageAsset.Script.Text, _html.ToString());
        Assert.StartsWith(":root{", PageAsset.Style.Text, StringComparison.Ordinal);
        Assert.EndsWith("})();\n", PageAsset.Script.Text, StringComparison.Ordinal);
    }
}
