using System.Net.Http.Json;
using KestrelTlsUpgrade.Client.Internal.Sending;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

public sealed class RepeatableContentTests
{
    private static bool CanRepeat(HttpContent? content) => RepeatableContent.CanRepeat(new HttpRequestMessage { Content = content });

    [Fact]
    public void CanRepeat_ContentThatHoldsItsBytes_True()
    {
        Assert.True(CanRepeat(null));
        Assert.True(CanRepeat(new ByteArrayContent([])));
        Assert.True(CanRepeat(new StringContent("")));
        Assert.True(CanRepeat(new FormUrlEncodedContent([])));
        Assert.True(CanRepeat(new ReadOnlyMemoryContent(default)));
        Assert.True(CanRepeat(JsonContent.Create(1)));
        Assert.True(CanRepeat(new MultipartFormDataContent { new StringContent(""), new MultipartContent { new ByteArrayContent([]) } }));
    }

    [Fact]
    public void CanRepeat_AnythingElse_False()
    {
        Assert.False(CanRepeat(new StreamContent(Stream.Null)));
        Assert.False(CanRepeat(new MultipartContent { new StringContent(""), new StreamContent(Stream.Null) }));
        Assert.False(CanRepeat(new Derived()));
    }

    private sealed class Derived() : ByteArrayContent([]);
}
