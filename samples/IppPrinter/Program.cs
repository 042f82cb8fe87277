var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseTlsUpgrade();

var app = builder.Build();
app.Run();
