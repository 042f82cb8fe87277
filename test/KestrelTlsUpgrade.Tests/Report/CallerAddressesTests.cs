using System.Net;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class CallerAddressesTests
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly CallerAddresses _addresses = new();

    [Fact]
    public void Addresses_AreThoseThatWereSeenLast()
    {
        for (var i = 0; i < 100; i++)
        {
            _addresses.Add(new IPAddress([192, 0, 2, (byte)i]), Now.AddSeconds(i));
        }

        _addresses.Add(IPAddress.Parse("192.0.2.90"), Now.AddSeconds(200));
        var read = _addresses.Read().Select(static address => address.ToString()).ToArray();
        Assert.Equal(CallerAddresses.Capacity, read.Length);
        Assert.Equal(["192.0.2.90", "192.0.2.99", "192.0.2.98"], read[..3]);
        Assert.Equal("192.0.2.84", read[^1]);
    }
}
