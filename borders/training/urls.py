from django.urls import path

from borders.training import views

app_name = "training"
urlpatterns = [
    path("", views.scenes_page, name="scenes"),
    path("<slug:key>/", views.call_page, name="call"),
    path("<slug:key>/<str:kind>.jpg", views.picture_page, name="picture"),
]
