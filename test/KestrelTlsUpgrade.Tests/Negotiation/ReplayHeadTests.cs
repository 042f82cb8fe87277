using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class ReplayHeadTests
{
    [Fact]
    public void Complete_NoFields_IsRequestLineAndEmptyLine() =>
        Assert.Equal("GET /a?b HTTP/1.1\r\n\r\n", Text(new ReplayHead("GET", "/a?b")));

    [Fact]
    public void Complete_MethodAndTargetAsBytes_IsTheSame() =>
        Assert.Equal("OPTIONS * HTTP/1.1\r\n\r\n", Text(new ReplayHead("OPTIONS *"u8, length: 64)));

    [Theory]
    [InlineData("Upgrade", "TLS/1.2")]
    [InlineData("upgrade", "foo")]
    [InlineData("UPGRADE", "")]
    [InlineData("Connection", "Upgrade")]
    [InlineData("connection", "upgrade")]
    [InlineData("CONNECTION", " ,upgrade,\tUPGRADE, ")]
    [InlineData("Connection", "")]
    [InlineData("connection", "Upgrade, X-Hop, TE")]
    [InlineData("Connection", "upgrade-insecure")]
    public void AddField_WhatAskedForTheUpgrade_IsDropped(string name, string value) =>
        Assert.Equal("GET / HTTP/1.1\r\n\r\n", Write((name, value)));

    [Theory]
    [InlineData("Connection", "Upgrade, keep-alive", "Connection:keep-alive")]
    [InlineData("Connection", "close,upgrade", "Connection:close")]
    [InlineData("connection", "Upgrade, X-Hop, keep-alive", "connection:keep-alive")]
    [InlineData("Connection", "keep-alive", "Connection:keep-alive")]
    [InlineData("Upgrade-Insecure-Requests", "1", "Upgrade-Insecure-Requests:1")]
    [InlineData("X-Upgrade", "TLS/1.2", "X-Upgrade:TLS/1.2")]
    [InlineData("Proxy-Connection", "Upgrade", "Proxy-Connection:Upgrade")]
    [InlineData("Accept", "", "Accept:")]
    public void AddField_TheRest_IsKept(string name, string value, string expected) =>
        Assert.Equal($"GET / HTTP/1.1\r\n{expected}\r\n\r\n", Write((name, value)));

    [Fact]
    public void AddField_SeveralFields_KeepTheirOrderAndLines() =>
        Assert.Equal(
            "GET / HTTP/1.1\r\nHost:a\r\nX:1\r\nY:2\r\nX:3\r\n\r\n",
            Write(("Host", "a"), ("Upgrade", "TLS"), ("X", "1"), ("Y", "2"), ("Connection", "Upgrade"), ("X", "3")));

    [Fact]
    public void AddField_LargeField_IsWrittenWhole()
    {
        var value = new string('v', 20_000);

        Assert.Equal($"GET / HTTP/1.1\r\nX:{value}\r\n\r\n", Write(("X", value)));
    }

    [Theory]
    [InlineData("utf-8", new byte[] { 0xC3, 0xA9 })]
    [InlineData("latin1", new byte[] { 0xE9 })]
    public void AddField_Value_IsInItsEncoding(string encoding, byte[] expected)
    {
        var head = new ReplayHead("GET", "/");
        head.AddField("X", "\u00e9", Encoding.GetEncoding(encoding));

        Assert.Equal([.. "GET / HTTP/1.1\r\nX:"u8, .. expected, .. "\r\n\r\n"u8], head.Complete().ToArray());
    }

    [Theory]
    [InlineData("Host: a", "Upgrade: TLS", "Connection: Upgrade")]
    [InlineData("Host:a", "Upgrade:TLS", "Connection:upgrade")]
    [InlineData("Host:a", "Upgrade:TLS", "Connection:close,upgrade,TE")]
    [InlineData("Host:a", "Upgrade:TLS", "Connection:upgrade,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z")]
    [InlineData("Host:a", "Upgrade:TLS", "Connection:upgrade", "Connection:a,b,c", "X:", "Accept:*/*")]
    [InlineData("Host: a", "Upgrade: TLS/1.2, HTTP/1.1", "Connection: Upgrade, HTTP2-Settings, X", "X: y")]
    public void Complete_Head_IsNoLongerThanTheOriginal(params string[] lines)
    {
        var original = $"GET / HTTP/1.1\r\n{string.Join("\r\n", lines)}\r\n\r\n";

        var fields = lines.Select(static line => line.Split(':', 2)).Select(static field => (field[0], field[1].Trim()));

        var replayed = Write([.. fields]);

        Assert.True(replayed.Length <= original.Length, replayed);
    }

    private static string Write(params (string Name, string Value)[] fields)
    {
        var head = new ReplayHead("GET", "/");
        foreach (var (name, value) in fields)
        {
            head.AddField(name, value, Encoding.ASCII);
        }

        return Text(head);
    }

    private static string Text(ReplayHead head) => Encoding.Latin1.GetString(head.Complete().Span);
}
