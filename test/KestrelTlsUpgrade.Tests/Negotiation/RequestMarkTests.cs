using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class RequestMarkTests
{
    private const string Get =
        "GET /a?b=c HTTP/1.1\r\nHost: printer.example\r\nX-Empty:\r\nAccept: text/html\r\nUpgrade: TLS/1.2\r\nACCEPT:\t*/* \r\nConnection: Upgrade\r\n\r\n";

    [Theory]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: printer.example:631\r\n\r\n", "http/1.1-upgraded=VNKU0Gu1Ii5mpp1GHXSEDvJ3pGsNHUWaEXqtK3gwY80")]
    [InlineData(Get, "http/1.1-upgraded=t8kQCToybLS1C58K0bJhS0rHEV4bNrp_teQyq036-4M")]
    public void Of_PublishedVector_IsItsMark(string head, string expected)
    {
        Assert.Equal(expected, Of(head));
        Assert.Equal("http/1.1-upgraded=".Length + 43, expected.Length);
    }

    [Fact]
    public void Canonicalize_Fields_AreSortedTrimmedAndInLowerCase() => Assert.Equal(
        "GET /a?b=c\naccept:text/html\naccept:*/*\nhost:printer.example\nx-empty:\n",
        Encoding.Latin1.GetString(RequestMark.Canonicalize(Encoding.Latin1.GetBytes(Get))));

    [Theory]
    [InlineData("GET /a?b=c HTTP/1.1\r\nAccept:text/html\r\nHost:printer.example\r\naccept:*/*\r\nx-empty: \t\r\n\r\n")]
    [InlineData("GET /a?b=c HTTP/1.1\r\nConnection:close\r\nConnection:x\r\nUpgrade:a\r\nx-empty:\r\naccept:text/html\r\nhost:printer.example\r\naccept:*/*\r\n\r\n")]
    public void Of_WhatHopsAndOrderOfNamesMayChange_IsTheSame(string head) => Assert.Equal(Of(Get), Of(head));

    [Theory]
    [InlineData("GET", "HEAD")]
    [InlineData("GET", "get")]
    [InlineData("/a?b=c", "/a?b=C")]
    [InlineData("/a?b=c", "http://printer.example/a?b=c")]
    [InlineData("printer.example", "printer.example:80")]
    [InlineData("printer.example", "Printer.example")]
    [InlineData("text/html", "text/htm")]
    [InlineData("text/html\r\n", "text/html, */*\r\n")]
    [InlineData("X-Empty:\r\n", "")]
    [InlineData("X-Empty:\r\n", "X-Empty:\r\nX-Empty:\r\n")]
    [InlineData("X-Empty:\r\n", "X-Empty:\r\nConnection-X:\r\n")]
    [InlineData("X-Empty:\r\n", "X-Empty:\r\nKeep-Alive: 1\r\n")]
    public void Of_AnyOtherChange_IsAnother(string from, string to) =>
        Assert.NotEqual(Of(Get), Of(Get.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void Of_FieldsThatBelongToOthers_CannotBeMovedBetweenNameAndValue() => Assert.NotEqual(
        Of("GET / HTTP/1.1\r\nA: b:c\r\n\r\n"), Of("GET / HTTP/1.1\r\nA: b\r\nB:c\r\n\r\n"));

    private static string Of(string head) => RequestMark.Of(Encoding.Latin1.GetBytes(head));
}
