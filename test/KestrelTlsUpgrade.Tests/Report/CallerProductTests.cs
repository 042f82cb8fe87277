using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class CallerProductTests
{
    private const string Edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87";

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox/128")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox/127")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome/126")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36", "HeadlessChrome/126")]
    [InlineData("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1", "Chrome/126")]
    [InlineData(Edge, "Edge/126")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763", "Edge/18")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36 EdgA/126.0.0.0", "Edge/126")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 OPR/111.0.0.0", "Opera/111")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "Safari/17")]
    [InlineData("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15", "Safari/605")]
    [InlineData("Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.16", "Opera/9.80")]
    public void Find_Browser_IsNamedAsPeopleKnowIt(string userAgent, string expected) => Assert.Equal(expected, Find(userAgent));

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot/2.1")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/126.0.0.0 Safari/537.36", "bingbot/2.0")]
    [InlineData("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "UptimeRobot/2.0")]
    [InlineData("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)", "MSIE")]
    [InlineData("Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.4522", "WindowsPowerShell/5.1.19041.4522")]
    public void Find_Other_IsNamedByWhatItCallsItself(string userAgent, string expected) => Assert.Equal(expected, Find(userAgent));

    [Theory]
    [InlineData("CUPS/2.4.2 (Linux; x86_64) IPP/2.0", "CUPS/2.4.2")]
    [InlineData("curl/8.5.0", "curl/8.5.0")]
    [InlineData("Chrome/126.0.1", "Chrome/126.0.1")]
    [InlineData("", "")]
    [InlineData("<script>alert(1)</script>", "")]
    [InlineData("Mozilla/5.0", "Mozilla/5.0")]
    [InlineData("Mozilla/5.0 ((((((", "Mozilla/5.0")]
    [InlineData("Mozilla/5.0 ) Firefox/1", "Firefox/1")]
    [InlineData("Mozilla/5.0 (compatible; ", "Mozilla/5.0")]
    [InlineData("Mozilla/5.0 (compatible; <script>)", "Mozilla/5.0")]
    [InlineData("Mozilla/5.0 Firefox/", "Firefox")]
    [InlineData("Mozilla/5.0 Firefox/x<script>", "Firefox")]
    [InlineData("Mozilla/5.0 /1 Firefox/2", "Firefox/2")]
    public void Find_Anything_IsAProductOrNothing(string userAgent, string expected) => Assert.Equal(expected, Find(userAgent));

    [Fact]
    public void Find_TooLong_IsCut()
    {
        Assert.Equal(new string('a', 48), Find(new string('a', 30000)));
        Assert.Equal($"Firefox/{new string('1', 40)}", Find($"Mozilla/5.0 Firefox/{new string('1', 30000)}"));
        Assert.Equal(48, Find($"Mozilla/5.0 (compatible; {new string('b', 30000)})").Length);
    }

    [Fact]
    public void Find_AllocatesNothing()
    {
        Span<char> buffer = stackalloc char[ProductToken.MaxLength];
        CallerProduct.Find(Edge, buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            CallerProduct.Find(Edge, buffer);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static string Find(string userAgent)
    {
        Span<char> buffer = stackalloc char[ProductToken.MaxLength];
        return CallerProduct.Find(userAgent, buffer).ToString();
    }
}
