using System.Net;
using KestrelTlsUpgrade.Client.Internal.Sending;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>Beside SocketsHttpHandler, whose rules these are.</summary>
public sealed class RedirectionTests
{
    [Theory]
    [InlineData(300, "http://a.test/", "http://b.test/y", "http://b.test/y")]
    [InlineData(301, "http://a.test/x/z", "y", "http://a.test/x/y")]
    [InlineData(302, "http://a.test/x#f", "/y", "http://a.test/y#f")]
    [InlineData(303, "http://a.test/x#f", "/y#g", "http://a.test/y#g")]
    [InlineData(307, "http://a.test/", "https://a.test/", "https://a.test/")]
    [InlineData(308, "https://a.test/", "https://b.test/", "https://b.test/")]
    [InlineData(308, "https://a.test/", "http://a.test/", null)]
    [InlineData(304, "http://a.test/", "/y", null)]
    [InlineData(200, "http://a.test/", "/y", null)]
    [InlineData(302, "http://a.test/", null, null)]
    public void TargetOf_Response_IsWhereItSends(int status, string uri, string? location, string? expected)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.Location = location is null ? null : new Uri(location, UriKind.RelativeOrAbsolute);
        Assert.Equal(expected, Redirection.TargetOf(new HttpRequestMessage(HttpMethod.Get, uri), response)?.ToString());
    }

    [Theory]
    [InlineData("GET", 307, "http://a.test/x?y", "https://a.test:80/x?y", true)]
    [InlineData("POST", 308, "http://a.test:8080/x", "https://a.test:8080/x", true)]
    [InlineData("GET", 302, "http://A.test:8080/x#f", "https://a.test:8080/x", true)]
    [InlineData("POST", 302, "http://a.test:8080/x", "https://a.test:8080/x", false)]
    [InlineData("GET", 303, "http://a.test:8080/x", "https://a.test:8080/x", false)]
    [InlineData("GET", 307, "http://a.test/x", "https://a.test/x", false)]
    [InlineData("GET", 307, "http://a.test:8080/x", "https://a.test:8081/x", false)]
    [InlineData("GET", 307, "http://a.test:8080/x", "https://b.test:8080/x", false)]
    [InlineData("GET", 307, "http://a.test:8080/x", "https://a.test:8080/y", false)]
    [InlineData("GET", 307, "http://a.test:8080/x", "https://a.test:8080/x?y", false)]
    [InlineData("GET", 307, "http://a.test:8080/x", "http://a.test:8080/x", false)]
    [InlineData("GET", 307, "https://a.test:8080/x", "https://a.test:8080/x", false)]
    [InlineData("GET", 426, "http://a.test:8080/x", "https://a.test:8080/x", false)]
    public void DemandsTls_Response_OnlyIfNothingButTheSchemeChanges(string method, int status, string uri, string location, bool expected)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.Location = new Uri(location);
        Assert.Equal(expected, Redirection.DemandsTls(new HttpRequestMessage(new(method), uri), response));
    }

    [Theory]
    [InlineData("POST", 301, "GET")]
    [InlineData("POST", 307, "POST")]
    [InlineData("PUT", 302, "PUT")]
    [InlineData("PUT", 303, "GET")]
    [InlineData("HEAD", 303, "HEAD")]
    public void Apply_Method_IsAsSocketsHttpHandlerHasIt(string method, int status, string expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://a.test/") { Content = new StringContent("x") };
        request.Headers.Authorization = new("Bearer", "x");
        request.Headers.TransferEncodingChunked = true;
        Redirection.Apply(request, (HttpStatusCode)status, new Uri("http://b.test/"));
        Assert.Equal(expected, request.Method.Method);
        Assert.Equal(expected == "GET", request.Content is null);
        Assert.Equal(expected != "GET", request.Headers.TransferEncodingChunked);
        Assert.Null(request.Headers.Authorization);
        Assert.Equal("http://b.test/", request.RequestUri!.ToString());
    }
}
