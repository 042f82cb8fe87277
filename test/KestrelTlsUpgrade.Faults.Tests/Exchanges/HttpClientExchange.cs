using System.Net;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>An <see cref="HttpClient"/>, by which several requests are made one after the other.</summary>
internal abstract class HttpClientExchange(bool isHasty) : Exchange(isHasty)
{
    /// <summary>How long a request may take. What the client's own timeouts have to do is over by then.</summary>
    protected TimeSpan RequestTimeout => IsHasty ? 4 * Haste : RawConnection.Patience;

    public override bool IsCleanFailure(Exception exception) => exception switch
    {
        // The platform has no name for the end of a connection that a request was sent on.
        HttpRequestException failure => failure.HttpRequestError is not HttpRequestError.Unknown || failure.InnerException is IOException,
        OperationCanceledException => IsHasty,
        _ => exception is GivenUpException or HttpIOException,
    };

    /// <summary>Whether a response says that the other side gave up, and is not one that was asked for.</summary>
    protected virtual bool IsGivenUp(int status) => GivenUpException.IsSaidBy(status);

    protected async Task<string> SendAsync(HttpClient client, HttpMethod method, string uri, string? content = null, Version? version = null)
    {
        using var request = new HttpRequestMessage(method, uri)
        {
            Content = content is null ? null : new StringContent(content),
            Version = version ?? client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        using var response = await client.SendAsync(request);
        if (IsGivenUp((int)response.StatusCode))
        {
            throw new GivenUpException((int)response.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync() + "|";
    }
}
